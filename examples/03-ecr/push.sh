#!/usr/bin/env bash
#
# Builds the sample image and pushes it to the repository that Terraform made, as <git-sha>; then moves
# the tag "staging" to it. Safe to run again: an image that is there already is neither built nor pushed.
#
# Usage: push.sh [REPOSITORY_URL]
#
#   REPOSITORY_URL  where to push; without it "terraform output" of this directory says so
#   GIT_SHA         the revision; without it that of the git checkout
#   MOVING_TAG      the tag that follows (default: staging; empty: none moves)
#   BUILDER         docker, buildah or podman; without it the first one that works
#
# Needs aws, one of the three builders, a C compiler for the sample, and AWS credentials. Neither
# buildah nor podman needs a daemon, and both work as root in a container.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

say() { printf '%-9s %s\n' "$1" "$2"; }

fail() {
    printf 'push.sh: %s\n' "$@" >&2
    exit 1
}

# quietly WHAT COMMAND...: shows what the command printed only if it fails.
quietly() {
    if ! "${@:2}" >"$work/output" 2>&1; then
        cat "$work/output" >&2
        fail "$1 failed; the text above is all it said"
    fi
}

find_repository() {
    local url=${1:-${REPOSITORY_URL:-}}

    if [[ -z $url ]]; then
        command -v terraform >/dev/null ||
            fail "there is no REPOSITORY_URL, and no terraform to ask: push.sh ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME"
        url=$(terraform -chdir="$here" output -no-color -raw repository_url) ||
            fail "terraform does not know repository_url: run \"terraform init\" and \"terraform apply\" first, or name the repository"
    fi
    [[ $url =~ ^([0-9]{12})\.dkr\.ecr(-fips)?\.([a-z0-9-]+)\.[a-z0-9.-]+/([a-z0-9._/-]+)$ ]] ||
        fail "not the URL of an ECR repository: $url" "expected ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME, without a tag"

    repository_url=$url
    registry=${url%%/*}
    registry_id=${BASH_REMATCH[1]}
    region=${BASH_REMATCH[3]}
    repository_name=${BASH_REMATCH[4]}
}

find_revision() {
    revision=${GIT_SHA:-}
    if [[ -z $revision ]]; then
        revision=$(git -C "$here" rev-parse HEAD 2>/dev/null) ||
            fail "there is no git revision here to name the image after: set GIT_SHA"
        [[ -z $(git -C "$here" status --porcelain 2>/dev/null) ]] ||
            say note "there are uncommitted changes; the image is named after the last commit all the same"
    fi
    [[ $revision =~ ^[0-9a-f]{7,64}$ ]] || fail "not a git revision: GIT_SHA=$revision"
}

find_builder() {
    builder=${BUILDER:-}
    if [[ -n $builder ]]; then
        [[ $builder =~ ^(docker|buildah|podman)$ ]] || fail "BUILDER is docker, buildah or podman, not \"$builder\""
        command -v "$builder" >/dev/null || fail "BUILDER=$builder is not installed"
    elif command -v docker >/dev/null && docker info >/dev/null 2>&1; then
        builder=docker
    elif command -v buildah >/dev/null; then
        builder=buildah
    elif command -v podman >/dev/null; then
        builder=podman
    else
        fail "nothing here can build an image: start Docker, or install buildah or podman (neither needs a daemon)"
    fi
    if [[ $builder == docker ]]; then
        # A Docker configuration of our own does not know the user's contexts, only this address.
        docker_host=${DOCKER_HOST:-$(docker context inspect --format '{{.Endpoints.docker.Host}}')}
    fi
}

ecr() { aws ecr "$1" --region "$region" --registry-id "$registry_id" --repository-name "$repository_name" "${@:2}"; }

# Prints "DIGEST MEDIA_TYPE" of a tag; prints nothing when no image has the tag.
describe_tag() {
    ecr describe-images --image-ids imageTag="$1" --output text \
        --query 'imageDetails[0].[imageDigest,imageManifestMediaType]' 2>"$work/error" && return
    case $(<"$work/error") in
    *ImageNotFoundException*) ;;
    *RepositoryNotFoundException*) fail "there is no repository $repository_url: run \"terraform apply\" first" ;;
    *) fail "AWS does not tell which images the repository has:" "$(sed '/^$/d' "$work/error")" ;;
    esac
}

# The login, and the storage of the builders without a daemon, live in $work, so that nothing is left behind.
tool() {
    case $builder in
    docker) env -u DOCKER_CONTEXT DOCKER_HOST="$docker_host" docker --config "$work/docker" "$@" ;;
    *) REGISTRY_AUTH_FILE=$work/auth.json "$builder" --storage-driver vfs --root "$work/storage" --runroot "$work/run" "$@" ;;
    esac
}

log_in() {
    local password
    password=$(aws ecr get-login-password --region "$region") || fail "AWS gives no login for $registry"
    quietly "the login" tool login --username AWS --password-stdin "$registry" <<<"$password"
}

build_and_push() {
    local image=$repository_url:$revision

    say build "with $builder"
    "$here/app/build.sh" "$work/context" "$revision"
    log_in
    if [[ $builder == docker ]]; then
        # One plain image per revision: no attestation manifests, which the lifecycle policy would count too.
        BUILDX_NO_DEFAULT_ATTESTATIONS=1 quietly "the build" docker build --tag "$image" "$work/context"
    else
        quietly "the build" tool build --isolation chroot --tag "$image" "$work/context"
    fi
    quietly "the push" tool push "$image"
}

# An image gets a further tag inside ECR: its manifest is put once more, under the other name.
move_tag() {
    local tag=$1 digest=$2 media_type=$3 old manifest

    old=$(describe_tag "$tag")
    old=${old%%[[:space:]]*}
    if [[ $old == "$digest" ]]; then
        say "$tag" "is on it already"
        return
    fi

    manifest=$(ecr batch-get-image --image-ids imageDigest="$digest" --accepted-media-types "$media_type" \
        --query 'images[0].imageManifest' --output text) || fail "AWS does not give the manifest of $digest"
    printf %s "$manifest" >"$work/manifest"
    if ! ecr put-image --image-tag "$tag" --image-digest "$digest" --image-manifest-media-type "$media_type" \
        --image-manifest "file://$work/manifest" >/dev/null 2>"$work/error"; then
        [[ $(<"$work/error") != *ImageTagAlreadyExistsException* ]] || refused_move "$tag" "$old"
        fail "AWS does not move the tag $tag:" "$(sed '/^$/d' "$work/error")"
    fi
    say "$tag" "moved here${old:+ from $old}"
}

refused_move() {
    fail "the image is pushed, but \"$1\" stays on $2: the repository lets no tag move." \
        "Set image_tag_mutability to IMMUTABLE_WITH_EXCLUSION to let \"$1\" move, or set MOVING_TAG= to push without it."
}

clean_up() {
    if [[ $builder == docker ]]; then
        docker image rm "$repository_url:$revision" >/dev/null 2>&1 || true
    fi
    rm -rf "$work"
}

main() {
    local digest media_type moving_tag=${MOVING_TAG-staging} found

    [[ ${1:-} != -h && ${1:-} != --help ]] || { sed -n '3,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0" && exit 0; }
    command -v aws >/dev/null || fail "aws, the AWS command line, is not installed"
    find_repository "$@"
    find_revision
    find_builder
    work=$(mktemp -d)
    trap clean_up EXIT

    say push "$repository_url:$revision"
    found=$(describe_tag "$revision")
    if [[ -n $found ]]; then
        say found "the image is in the repository already: nothing to build"
    else
        build_and_push
        found=$(describe_tag "$revision")
        [[ -n $found ]] || fail "the push succeeded, but ECR does not list $revision"
    fi
    read -r digest media_type <<<"$found"
    say digest "$digest"
    [[ -z $moving_tag ]] || move_tag "$moving_tag" "$digest" "$media_type"
}

main "$@"
