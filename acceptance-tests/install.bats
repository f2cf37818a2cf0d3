#!/usr/bin/env bats
# "make install": which of the binaries it takes; and from there to "terraform init" without any settings.

load support/acceptance

@test "after make install, terraform init finds the provider without any settings" {
    unset TF_CLI_CONFIG_FILE
    "$TOP/scripts/install" >output.txt
    contains "$(<output.txt)" 'source = "aws-labs/ecr"'
    configure <<'EOT'
resource "ecr_repository" "web" { name = "team/web" }
EOT
    terraform init
    terraform validate
    contains "$(terraform version)" "provider $ADDRESS v$(<"$TOP/VERSION")"
    contains "$(<.terraform.lock.hcl)" "\"$ADDRESS\""
    apply
    settled
    # Installing again changes nothing for those who have initialised.
    "$TOP/scripts/install" >/dev/null
    terraform init
    destroy
}

@test "the three lines that make install prints are a configuration that works" {
    unset TF_CLI_CONFIG_FILE
    "$TOP/scripts/install" | sed -n '/^  terraform {/,/^  }/p' >versions.tf
    configure <<'EOT'
resource "ecr_repository" "web" { name = "team/web" }
EOT
    terraform init
    terraform validate
}

# ---- Which binary ----

# A tree of two sources, whose plain build says how often it was made and whose release is older than that, but not than
# the sources.
small_tree() {
    VERSION=$(<"$TOP/VERSION")
    RELEASE=build/release/linux_$(dpkg --print-architecture)/terraform-provider-ecr_v$VERSION
    mkdir -p tree/{scripts,proto,provider/base,release,schema,"${RELEASE%/*}"}
    cd tree || return
    cp "$TOP/scripts/install" scripts/
    cp "$TOP/VERSION" .
    touch provider/base/text.c provider/base/text_test.c schema/schema.h
    printf '.PHONY: build\nbuild:\n\t@echo plain >>build/terraform-provider-ecr\n' >Makefile
    echo release >"$RELEASE"
    chmod +x "$RELEASE"
    find . -type f -exec touch -d '2 hours ago' {} +
    touch -d '1 hour ago' "$RELEASE"
}

# What is installed, after scripts/install has said in output.txt what it did.
installed() {
    PLUGIN_DIR=$PWD/plugins scripts/install >output.txt
    paste -sd ' ' "plugins/$ADDRESS/$VERSION"/linux_*/terraform-provider-ecr_v"$VERSION"
}

@test "the release is installed, whether there is a plain build or not, and none is made" {
    small_tree
    equal "$(installed)" release
    contains "$(<output.txt)" "Installed the release:"
    [[ ! -e build/terraform-provider-ecr ]]
    echo plain >build/terraform-provider-ecr
    equal "$(installed)" release
    # A test is in no binary.
    touch provider/base/text_test.c
    equal "$(installed)" release
}

@test "after a change of a source the plain build is renewed and installed, and the next release is installed again" {
    local source
    small_tree
    echo old >build/terraform-provider-ecr
    for source in schema/schema.h provider/base/text.c proto/new.proto provider/new.def Makefile; do
        touch "$source"
        rm build/terraform-provider-ecr
        equal "$(installed)" plain
        contains "$(<output.txt)" "Installed the plain build, since $source has changed since the release was made"
        touch -d '1 hour ago' "$source"
        touch "$RELEASE"
        equal "$(installed)" release
        touch -d '1 hour ago' "$RELEASE"
        echo old >build/terraform-provider-ecr
    done
}

@test "without a release of this version the plain build is made and installed" {
    small_tree
    mv "$RELEASE" "${RELEASE}9"
    equal "$(installed)" plain
    contains "$(<output.txt)" "Installed the plain build, since there is no release $VERSION"
    # As often as it is asked for: make knows what there is to do.
    equal "$(installed)" "plain plain"
}

@test "make install leaves it to the script whether anything is built" {
    equal "$(make -n -C "$TOP" --no-print-directory BUILD="$PWD/nothing" install)" scripts/install
}

@test "without HOME, one line names PLUGIN_DIR, and nothing is built" {
    local setting
    small_tree
    rm -r build/release
    for setting in HOME= --unset=HOME; do
        run env "$setting" scripts/install
        equal "$status ${#lines[@]}" "1 1"
        contains "$output" "HOME is not set"
        contains "$output" "PLUGIN_DIR=FOLDER"
        [[ ! -e build/terraform-provider-ecr ]]
    done
    env -u HOME PLUGIN_DIR="$PWD/plugins" scripts/install
    [[ -x plugins/$ADDRESS/$VERSION/linux_$(dpkg --print-architecture)/terraform-provider-ecr_v$VERSION ]]
}
