#!/usr/bin/env bats
# What "make release" made: a static binary that runs where nothing else is, packed and accounted for.

load support/acceptance

VERSION=$(<"$TOP/VERSION")
NAME=terraform-provider-ecr
RELEASE=$TOP/build/release

is_made() { [[ -x $RELEASE/${NAME}_v$VERSION ]]; }

setup_file() {
    is_made || return 0
    export PROVIDER_BINARY=$RELEASE/${NAME}_v$VERSION
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

@test "the binary is static, and small" {
    contains "$(file "$PROVIDER_BINARY")" "statically linked"
    contains "$(file "$PROVIDER_BINARY")" "stripped"
    ! ldd "$PROVIDER_BINARY"
    (($(stat -c %s "$PROVIDER_BINARY") <= 9500000))
}

@test "no page is both written and run, and relocations are read-only" {
    readelf -lW "$PROVIDER_BINARY" >segments.txt
    grep -q GNU_RELRO segments.txt
    grep -E 'GNU_STACK' segments.txt | grep -q 'RW '
    ! grep -E 'RWE' segments.txt
}

@test "it plans, applies and destroys" {
    one_repository
    apply
    settled
    destroy
}

# A root directory with terraform, the packed provider and the configuration, and nothing else.
bare_root() {
    local mirror=root/mirror/registry.terraform.io/aws-labs/ecr
    mkdir -p "$mirror" root/work
    cp "$RELEASE"/*.zip "$mirror/"
    cp "$(type -P terraform)" root/terraform
    cp main.tf versions.tf root/work/
    printf 'provider_installation {\n  filesystem_mirror {\n    path = "/mirror"\n  }\n}\n' >root/rc
}

# in_root COMMAND…
in_root() {
    env -i CHECKPOINT_DISABLE=1 TF_CLI_CONFIG_FILE=/rc AWS_REGION="$AWS_REGION" AWS_EC2_METADATA_DISABLED=true \
        AWS_ACCESS_KEY_ID="$AWS_ACCESS_KEY_ID" AWS_SECRET_ACCESS_KEY="$AWS_SECRET_ACCESS_KEY" "${settings[@]}" \
        "$(type -P chroot)" root "$@"
}

@test "in an empty root, without /etc, /proc, /dev, /tmp and a shell, terraform installs it from a packed mirror and applies" {
    ((EUID == 0)) || skip "chroot needs root"
    one_repository
    bare_root
    settings=(AWS_ENDPOINT_URL_ECR="$LOCAL_ECR_URL")
    in_root /terraform -chdir=/work init
    in_root /terraform -chdir=/work apply -auto-approve
    in_root /terraform -chdir=/work plan -detailed-exitcode
    equal "$(repository team/web .repositoryName)" '"team/web"'
}

@test "without any certificates, what is missing is said" {
    ((EUID == 0)) || skip "chroot needs root"
    one_repository
    bare_root
    settings=(HTTPS_PROXY="$LOCAL_ECR_PROXY" AWS_MAX_ATTEMPTS=1)
    in_root /terraform -chdir=/work init
    run in_root /terraform -chdir=/work apply -auto-approve -no-color
    equal "$status" 1
    contains "$output" certificate
    cp "$LOCAL_ECR_CA" root/ca.pem
    settings+=(AWS_CA_BUNDLE=/ca.pem)
    in_root /terraform -chdir=/work apply -auto-approve
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

@test "with its stdout closed it ends at once, with its stderr closed it serves" {
    export TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2
    run timeout 10 "$PROVIDER" >&-
    local status=0
    PLUGIN_PROTOCOL_VERSIONS=6 timeout 10 "$PROVIDER" >&- || status=$?
    equal "$status" 1
    PLUGIN_PROTOCOL_VERSIONS=6 timeout 2 "$PROVIDER" 2>&- >line.txt || true
    grep -qE '^1\|6\|' line.txt
}

@test "checksums hold, and do not hold for a zip that was changed or cut" {
    cp "$RELEASE"/* .
    sha256sum -c -- *_SHA256SUMS
    local zip
    zip=$(echo *.zip)
    printf x | dd of="$zip" bs=1 seek=1000 conv=notrunc status=none
    ! sha256sum -c -- *_SHA256SUMS
    cp "$RELEASE"/*.zip .
    truncate -s -1 "$zip"
    ! sha256sum -c -- *_SHA256SUMS
}

@test "the zip has the binary, which can be run, and the licences of what is linked" {
    python3 - "$RELEASE"/*.zip >entries.txt <<'EOT'
import sys, zipfile
for entry in zipfile.ZipFile(sys.argv[1]).infolist():
    print(entry.filename, oct(entry.external_attr >> 16 & 0o777))
EOT
    equal "$(paste -sd ' ' entries.txt)" "LICENSE 0o644 THIRD_PARTY_LICENSES 0o644 ${NAME}_v$VERSION 0o755"
    equal "$(jq -c .metadata.protocol_versions "$RELEASE"/*_manifest.json)" '["6.0"]'
}

@test "the list of parts names each with the version that is installed" {
    local package
    for package in libgrpc-dev libssl-dev libprotobuf-c-dev libc6-dev; do
        equal "$(jq -r --arg name "$package" '.packages[] | select(.name == $name).versionInfo' "$RELEASE"/*.spdx.json)" \
            "$(dpkg-query -W -f '${Version}' "$package")"
    done
    equal "$(jq '[.packages[].name | select(. == "curl" or . == "cjson")] | length' "$RELEASE"/*.spdx.json)" 2
}

@test "another checkout gives the same bytes, and a key of the caller's signs them" {
    mkdir -p "$BATS_TEST_TMPDIR/somewhere else"
    cd "$BATS_TEST_TMPDIR/somewhere else"
    git -C "$TOP" ls-files -z --cached --others --exclude-standard | (cd "$TOP" && xargs -0 tar -c) | tar -x
    mkdir build
    cp -r "$TOP/build/static" build/static
    export GNUPGHOME=$BATS_TEST_TMPDIR/gnupg
    mkdir -m 700 "$GNUPGHOME"
    gpg --batch --quiet --passphrase '' --quick-generate-key tester@example.com rsa2048 sign never
    GPG_KEY=tester@example.com scripts/release
    cmp build/release/"${NAME}_v$VERSION" "$PROVIDER_BINARY"
    cmp build/release/*.zip "$RELEASE"/*.zip
    cmp build/release/*_SHA256SUMS "$RELEASE"/*_SHA256SUMS
    gpg --verify build/release/*.sig build/release/*_SHA256SUMS
    gpgconf --kill all
}
