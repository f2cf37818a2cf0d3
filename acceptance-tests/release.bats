#!/usr/bin/env bats
# What "make release" made: static binaries that run where nothing else is, packed and accounted for. The one for this
# machine is run by the real terraform; the other one runs under qemu.

# shellcheck disable=SC2030,SC2031,SC2154 # each test is a process of its own; $pid is set by in_background
load support/acceptance

VERSION=$(<"$TOP/VERSION")
NAME=terraform-provider-ecr
RELEASE=$TOP/build/release
HERE=$(dpkg --print-architecture)
COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2

binary() { echo "$RELEASE/linux_$1/${NAME}_v$VERSION"; }
is_made() { [[ -x $(binary "$HERE") ]]; }
architectures() { (cd "$RELEASE" && printf '%s\n' linux_*/ | sed 's|linux_||; s|/||'); }

setup_file() {
    is_made || return 0
    PROVIDER_BINARY=$(binary "$HERE")
    export PROVIDER_BINARY
    start_file --no-registry
}

setup() {
    is_made || skip "there is no release of this version: make release"
    start_test
}

teardown() { ! is_made || finish_test; }

one_repository() {
    configure <<'EOT'
resource "ecr_repository" "web" { name = "team/web" }
EOT
}

needs_root() { ((EUID == 0)) || skip "$1 needs root"; }

# ---- The binaries ----

@test "each binary is static, stripped, and small" {
    local architecture
    for architecture in $(architectures); do
        readelf -lSW "$(binary "$architecture")" >parts.txt
        must_fail grep -E 'INTERP|DYNAMIC|\.symtab|\.debug' parts.txt
        (($(stat -c %s "$(binary "$architecture")") <= 9500000))
    done
    must_fail ldd "$PROVIDER_BINARY"
}

@test "each binary is for its platform" {
    local architecture
    declare -A machines=([amd64]=X86-64 [arm64]=AArch64)
    for architecture in $(architectures); do
        contains "$(readelf -hW "$(binary "$architecture")")" "${machines[$architecture]}"
    done
}

@test "no page is both written and run, the stack neither, and relocations are read-only" {
    local architecture
    for architecture in $(architectures); do
        readelf -lW "$(binary "$architecture")" >segments.txt
        grep -q GNU_RELRO segments.txt
        grep GNU_STACK segments.txt | grep -q ' RW '
        must_fail grep RWE segments.txt
    done
}

# mapped_as START END: the access to the memory of $pid from START to END.
mapped_as() {
    local range access
    while read -r range access _; do
        ((0x${range%-*} <= $1 && 0x${range#*-} >= $2)) || continue
        echo "$access"
    done <"/proc/$pid/maps"
}

@test "once it runs, its relocations and its code cannot be written" {
    local kind start size
    TF_PLUGIN_MAGIC_COOKIE=$COOKIE PLUGIN_PROTOCOL_VERSIONS=6 in_background "$PROVIDER"
    eventually 10 grep -qs '^1|6|' output.txt
    read -r kind _ start _ _ size _ < <(readelf -lW "$PROVIDER" | grep GNU_RELRO)
    equal "$kind $(mapped_as $((start & ~4095)) $((start + size & ~4095)))" "GNU_RELRO r--p"
    must_fail grep -E ' .wx' "/proc/$pid/maps"
    kill "$pid"
    ends_within 5
}

# How many of the objects of FILES... use SYMBOL.
users_of() { nm -A "${@:2}" 2>/dev/null | grep -E " U $1\$" | cut -d : -f 1,2 | sort -u | wc -l; }

@test "the stack protector and checked copies are in our code, in curl's, OpenSSL's and gRPC's" {
    local architecture root objects library
    for architecture in $(architectures); do
        root=$TOP/build/static/$architecture/root/usr/lib
        objects=("$TOP/build/release-work/$architecture"/obj/provider/*/*.o)
        (($(users_of __stack_chk_fail "${objects[@]}") * 2 > ${#objects[@]}))
        (($(users_of '__[a-z_]+_chk' "${objects[@]}") > 0))
        for library in libcurl libssl libgrpc; do
            (($(users_of __stack_chk_fail "$root"/*/$library.a) > 20))
            (($(users_of '__[a-z_]+_chk' "$root"/*/$library.a) > 0))
        done
        # What they call is in the binary, before it was stripped.
        nm "$TOP/build/release-work/$architecture/$NAME" >symbols.txt
        grep -q ' T __stack_chk_fail$' symbols.txt
        grep -q ' T __chk_fail$' symbols.txt
    done
}

# ---- With terraform ----

@test "it plans, applies and destroys" {
    one_repository
    apply
    settled
    destroy
}

# A folder from which terraform installs the zips.
packed_mirror() {
    mkdir -p "$1/$ADDRESS"
    cp "$RELEASE"/*.zip "$1/$ADDRESS/"
    printf 'provider_installation {\n  filesystem_mirror {\n    path = "%s"\n  }\n}\n' "${2:-$1}" >rc
}

# A root directory with terraform, the packed provider and the configuration, and nothing else.
bare_root() {
    packed_mirror root/mirror /mirror
    mkdir -p root/work
    cp "$(type -P terraform)" root/terraform
    cp main.tf versions.tf root/work/
    mv rc root/
}

# in_root COMMAND…
in_root() {
    env -i CHECKPOINT_DISABLE=1 TF_CLI_CONFIG_FILE=/rc AWS_REGION="$AWS_REGION" AWS_EC2_METADATA_DISABLED=true \
        AWS_ACCESS_KEY_ID="$AWS_ACCESS_KEY_ID" AWS_SECRET_ACCESS_KEY="$AWS_SECRET_ACCESS_KEY" "${settings[@]}" \
        "$(type -P chroot)" root "$@"
}

@test "in an empty root, without /etc, /proc, /dev, /tmp and a shell, terraform installs it from a packed mirror and applies" {
    needs_root chroot
    one_repository
    bare_root
    settings=(AWS_ENDPOINT_URL_ECR="$LOCAL_ECR_URL")
    in_root /terraform -chdir=/work init
    in_root /terraform -chdir=/work apply -auto-approve
    in_root /terraform -chdir=/work plan -detailed-exitcode
    equal "$(repository team/web .repositoryName)" '"team/web"'
}

@test "without any certificates, what is missing is said" {
    needs_root chroot
    one_repository
    bare_root
    settings=(HTTPS_PROXY="$LOCAL_ECR_PROXY" AWS_MAX_ATTEMPTS=1)
    in_root /terraform -chdir=/work init
    run in_root /terraform -chdir=/work apply -auto-approve -no-color
    equal "$status" 1
    contains "$output" certificate
    contains "$output" AWS_CA_BUNDLE
    cp "$LOCAL_ECR_CA" root/ca.pem
    settings+=(AWS_CA_BUNDLE=/ca.pem)
    in_root /terraform -chdir=/work apply -auto-approve
}

# trusted_at PLACE: with the root certificate there and nowhere else, AWS can be asked.
trusted_at() {
    mkdir -p "root/${1%/*}"
    cp "$LOCAL_ECR_CA" "root/$1"
    in_root /terraform -chdir=/work plan -detailed-exitcode || fail "certificates at $1 are not found"
    rm "root/$1"
}

@test "certificates are found where each distribution has them" {
    needs_root chroot
    one_repository
    bare_root
    local hash place
    hash=$(openssl x509 -hash -noout -in "$LOCAL_ECR_CA").0
    settings=(HTTPS_PROXY="$LOCAL_ECR_PROXY" AWS_MAX_ATTEMPTS=1)
    in_root /terraform -chdir=/work init
    cp "$LOCAL_ECR_CA" root/ca.pem
    settings+=(AWS_CA_BUNDLE=/ca.pem)
    in_root /terraform -chdir=/work apply -auto-approve
    unset 'settings[-1]'
    must_fail in_root /terraform -chdir=/work plan
    # Debian, Arch and Alpine; Fedora and Amazon Linux; SUSE; OpenELEC; RHEL; Alpine's and BSD's second place; hashed directories.
    for place in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem \
        /etc/pki/tls/cacert.pem /etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem /etc/ssl/cert.pem \
        "/etc/ssl/certs/$hash" "/etc/pki/tls/certs/$hash"; do
        trusted_at "$place"
    done
    # A link that leads nowhere does not hide the bundle beside it.
    ln -s /gone "root/etc/ssl/certs/$hash"
    trusted_at /etc/ssl/certs/ca-certificates.crt
    trusted_at /etc/pki/tls/certs/ca-bundle.crt
}

@test "a long TMPDIR, one that is not there, and 64 open files are enough" {
    one_repository
    local long
    long=$PWD/$(printf 'x%.0s' {1..200})
    mkdir "$long"
    TMPDIR=$long terraform plan
    TMPDIR=/nowhere terraform plan
    (ulimit -n 64 && terraform apply -auto-approve)
}

@test "a TMPDIR that cannot be written to is passed over" {
    one_repository
    mkdir read-only
    if ((EUID == 0)); then
        unshare --mount true || skip "this machine lets nobody make a namespace"
        TMPDIR=$PWD/read-only unshare --mount bash -c 'mount -t tmpfs -o ro none read-only && ! touch read-only/x && exec terraform plan'
    else
        chmod 555 read-only
        TMPDIR=$PWD/read-only terraform plan
    fi
}

@test "with stdout closed or full it says so in one line, with stderr closed it serves" {
    export TF_PLUGIN_MAGIC_COOKIE=$COOKIE PLUGIN_PROTOCOL_VERSIONS=6
    local status=0
    timeout 10 "$PROVIDER" >&- 2>closed.txt || status=$?
    equal "$status" 1
    status=0
    timeout 10 "$PROVIDER" >/dev/full 2>full.txt || status=$?
    equal "$status" 1
    equal "$(wc -l <closed.txt) $(wc -l <full.txt)" "1 1"
    contains "$(<closed.txt)" "cannot write to stdout"
    contains "$(<full.txt)" "cannot write to stdout"
    timeout 2 "$PROVIDER" 2>&- >line.txt || true
    grep -qE '^1\|6\|' line.txt
}

# ---- The other platform ----

# Makes emulated/NAME, a program for this machine that runs the binary of the other platform.
emulate() {
    local binary
    declare -A other=([amd64]=arm64 [arm64]=amd64) emulators=([amd64]=qemu-aarch64 [arm64]=qemu-x86_64)
    OTHER=${other[$HERE]}
    binary=$(binary "$OTHER")
    [[ -x $binary ]] || skip "there is no release for linux_$OTHER"
    command -v "${emulators[$HERE]}" >/dev/null || skip "no ${emulators[$HERE]}"
    mkdir emulated
    printf '#!/bin/sh\nexec %s "%s" "$@"\n' "${emulators[$HERE]}" "$binary" >emulated/$NAME
    chmod +x emulated/$NAME
}

@test "the other platform's binary says the same" {
    emulate
    equal "$(emulated/$NAME --version)" "$("$PROVIDER" --version)"
    emulated/$NAME --docs theirs
    "$PROVIDER" --docs ours
    diff -r ours theirs
}

@test "the other platform's binary serves a foreign gRPC client" {
    emulate
    PROVIDER_BINARY=$PWD/emulated/$NAME "$TOP/acceptance-tests/grpc/run" handshake >grpc.txt 2>&1 || fail "$(<grpc.txt)"
    ! grep -q '^skipped: ' grpc.txt || skip "$(<grpc.txt)"
    grep -E '^[0-9]+ passed, 0 failed$' grpc.txt
}

@test "the other platform's binary plans, applies and destroys" {
    emulate
    one_repository
    sed "s|$FILE_DIR/bin|$PWD/emulated|" "$TF_CLI_CONFIG_FILE" >emulated.tfrc
    export TF_CLI_CONFIG_FILE=$PWD/emulated.tfrc
    apply
    settled
    equal "$(repository team/web .repositoryName)" '"team/web"'
    destroy
    eventually 5 not_running "$(binary "$OTHER")"
}

not_running() { ! pgrep -f "$1" >/dev/null; }

# ---- What is published ----

@test "checksums hold, and do not hold for a file that was changed or cut" {
    cp "$RELEASE"/*.* .
    sha256sum --quiet -c -- *_SHA256SUMS
    equal "$(cut -c 67- -- *_SHA256SUMS | sort)" "$(find . -name '*.zip' -o -name '*.json' | grep "$NAME" | sed 's|^\./||' | sort)"
    local file
    for file in *.zip *.json; do
        printf x | dd of="$file" bs=1 seek=40 conv=notrunc status=none
        must_fail sha256sum --quiet -c -- *_SHA256SUMS
        cp "$RELEASE/$file" .
        truncate -s -1 "$file"
        must_fail sha256sum --quiet -c -- *_SHA256SUMS
        cp "$RELEASE/$file" .
    done
    sha256sum --quiet -c -- *_SHA256SUMS
}

# refused FILE: terraform does not install it again, for its checksum or since it is no zip.
refused() {
    rm -rf .terraform
    run terraform init
    equal "$status" 1
    contains "$output" "$1"
}

# Another program in a zip that is whole.
repack() {
    python3 - "$1" <<'EOT'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    entries = [(entry, archive.read(entry)) for entry in archive.infolist()]
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as archive:
    for entry, data in entries:
        archive.writestr(entry, data + b"x")
EOT
}

@test "terraform init installs it from a packed mirror and locks both platforms, and then takes no zip that was changed or cut" {
    local zip
    one_repository
    packed_mirror "$PWD/mirror"
    export TF_CLI_CONFIG_FILE=$PWD/rc
    zip=mirror/$ADDRESS/${NAME}_${VERSION}_linux_$HERE.zip
    # shellcheck disable=SC2046 # one option for each
    terraform providers lock -fs-mirror="$PWD/mirror" $(architectures | sed 's/^/-platform=linux_/')
    equal "$(grep -c '"h1:' .terraform.lock.hcl)" "$(architectures | wc -l)"
    cp .terraform.lock.hcl lock
    terraform init
    cmp .terraform.lock.hcl lock
    apply
    repack "$zip"
    refused "checksums"
    cp "$RELEASE/${zip##*/}" "$zip"
    printf x | dd of="$zip" bs=1 seek=1000000 conv=notrunc status=none
    refused "Error: "
    cp "$RELEASE/${zip##*/}" "$zip"
    truncate -s -1000 "$zip"
    refused "Error: "
    cp "$RELEASE/${zip##*/}" "$zip"
    terraform init
    destroy
}

@test "each zip has the binary, which can be run, and the licences of what is linked" {
    local architecture zip
    for architecture in $(architectures); do
        zip=$RELEASE/${NAME}_${VERSION}_linux_$architecture.zip
        python3 - "$zip" third-party.txt binary >entries.txt <<'EOT'
import sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
for entry in archive.infolist():
    print(entry.filename, oct(entry.external_attr >> 16 & 0o777))
for entry, path in zip(archive.infolist()[1:], sys.argv[2:]):
    open(path, "wb").write(archive.read(entry))
EOT
        equal "$(paste -sd ' ' entries.txt)" "LICENSE 0o644 THIRD_PARTY_LICENSES 0o644 ${NAME}_v$VERSION 0o755"
        cmp binary "$(binary "$architecture")"
        # A chapter for each part, and the licences that Debian's files only name.
        jq -r --arg own $NAME '.packages[].name | select(. != $own)' "$RELEASE/${NAME}_${VERSION}_linux_$architecture.spdx.json" >parts.txt
        (($(wc -l <parts.txt) >= 10))
        equal "$(grep -xFf parts.txt third-party.txt | sort -u)" "$(sort parts.txt)"
        grep -q 'TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION' third-party.txt
        grep -q 'GNU LESSER GENERAL PUBLIC LICENSE' third-party.txt
    done
    equal "$(jq -c .metadata.protocol_versions "$RELEASE"/*_manifest.json)" '["6.0"]'
}

@test "the list of parts names each with the version that went in" {
    local architecture list name version
    for architecture in $(architectures); do
        list=$RELEASE/${NAME}_${VERSION}_linux_$architecture.spdx.json
        for name in libgrpc-dev libssl-dev libprotobuf-c-dev libc6-dev libc-ares-dev libmsgpack-dev libexpat1-dev; do
            equal "$(jq -r --arg name "$name" '.packages[] | select(.name == $name).versionInfo' "$list")" \
                "$(dpkg-deb -f "$TOP/build/static/downloads/${name}"_*_"$architecture.deb" Version)"
        done
        for name in curl cjson; do
            version=$(sed -n 's/^Version: //p' "$TOP/build/static/downloads/$name"_*.dsc)
            equal "$(jq -r --arg name "$name" '.packages[] | select(.name == $name).versionInfo' "$list")" "$version"
        done
        # The compiler's packages are this machine's, and in part for all architectures.
        for name in $(jq -r '.packages[].name | select(test("^lib(gcc|stdc)"))' "$list"); do
            contains "$(jq -r --arg name "$name" '.packages[] | select(.name == $name).externalRefs[0].referenceLocator' "$list")" \
                "?arch=$(dpkg-query -W -f '${Architecture}' "$name")"
        done
        equal "$(jq -r '.packages[].supplier' "$list" | sort -u)" "$(printf 'Organization: %s\n' "$(dpkg-vendor --query Vendor)" aws-labs)"
        # Every identifier is one in SPDX's form, there is once, and everything is said to be linked into the binary.
        equal "$(jq '[.packages[].SPDXID | select(test("^SPDXRef-[A-Za-z0-9.-]+$"))] | unique | length' "$list")" "$(jq '.packages | length' "$list")"
        equal "$(jq '[.relationships[] | select(.relationshipType == "STATIC_LINK").relatedSpdxElement] - [.packages[].SPDXID] | length' "$list")" 0
        equal "$(jq '[.relationships[]] | length' "$list")" "$(jq '.packages | length' "$list")"
        equal "$(jq -r '.packages[0].checksums[0].checksumValue' "$list")" "$(sha256sum <"$(binary "$architecture")" | cut -c -64)"
    done
}

@test "a key of the caller's signs the checksums, an unknown one does not, and without one it is said loudly" {
    export GNUPGHOME=$BATS_TEST_TMPDIR/gnupg
    local sums=${NAME}_${VERSION}_SHA256SUMS
    mkdir -m 700 "$GNUPGHOME"
    mkdir signed
    cp "$RELEASE"/*.* signed/
    gpg --batch --quiet --passphrase '' --quick-generate-key tester@example.com rsa2048 sign never
    GPG_KEY=tester@example.com "$TOP/scripts/sign" signed "$sums"
    cmp "signed/$sums" "$RELEASE/$sums"
    gpg --verify "signed/$sums.sig" "signed/$sums"
    sed 's/^./f/; 2q' "signed/$sums" >changed
    must_fail gpg --verify "signed/$sums.sig" changed
    must_fail env GPG_KEY=nobody@example.com "$TOP/scripts/sign" signed "$sums"
    contains "$(GPG_KEY='' "$TOP/scripts/sign" signed "$sums" 2>&1)" "NOT SIGNED"
    [[ ! -e signed/$sums.sig ]]
    gpgconf --kill all
}

@test "another checkout, with other settings, gives the same bytes, the libraries' built anew" {
    mkdir -p "$BATS_TEST_TMPDIR/somewhere else"
    cd "$BATS_TEST_TMPDIR/somewhere else"
    git -C "$TOP" ls-files -z --cached --others --exclude-standard | (cd "$TOP" && xargs -0 tar -c) | tar -x
    mkdir -p build/static
    cp -r "$TOP/build/static/downloads" build/static/
    (umask 077 && TZ=Asia/Tokyo LC_ALL=C RELEASE_ARCH=$(architectures | paste -sd ' ') scripts/release)
    local file
    for file in "$RELEASE"/*.* "$RELEASE"/linux_*/*; do
        cmp "build/release/${file#"$RELEASE/"}" "$file"
    done
}
