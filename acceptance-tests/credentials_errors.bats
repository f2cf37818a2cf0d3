#!/usr/bin/env bats
# What can be wrong with credentials: each time an error at once that says what, and where. No secret in any of it.

# shellcheck disable=SC2030,SC2031,SC2154 # each test is a process of its own; $errors is set by what it calls
load support/sources

ROLE=$(role_arn push "$OTHER_ACCOUNT")

setup() {
    terraform_only
    start_source_test
}

nothing_of_ecr() { equal "$(asked ecr)" 0; }

@test "no credentials anywhere: what was tried, and why each failed" {
    setting imds_role '""'
    fails
    says "No valid credential sources found"
    for place in AWS_ACCESS_KEY_ID AWS_WEB_IDENTITY_TOKEN_FILE AWS_CONTAINER_CREDENTIALS "$HOME/.aws/c"; do
        says "$place"
    done
    says metadata
    nothing_of_ecr
}

# ---- Files ----

@test "a malformed config file: file and line" {
    printf '[default]\nregion = us-west-2\nno equals sign here\n' | config
    fails
    says "$HOME/.aws/config"
    says "line 3"
    nothing_of_ecr
}

@test "a malformed credentials file: file and line, but not what stands there" {
    order credentials '{"access_key_id": "AKIAX", "secret_access_key": "CanaryInABrokenLine"}'
    printf '[default]\naws_access_key_id = AKIAX\n[oh\naws_secret_access_key CanaryInABrokenLine\n' | credentials
    fails
    says "$HOME/.aws/credentials"
    says "line 3"
    printf '[default]\naws_secret_access_key CanaryInABrokenLine\n' | credentials
    fails
    says "line 2"
    nobody_says CanaryInABrokenLine
}

@test "a config file that cannot be read" {
    mkdir "$HOME/.aws/config"
    fails
    says "$HOME/.aws/config"
}

@test "files that are no files: a directory, a pipe that nobody writes to, one that is too large, one with NULs" {
    mkdir "$HOME/.aws/config"
    fails
    says "$HOME/.aws/config"
    rmdir "$HOME/.aws/config"
    mkfifo "$HOME/.aws/credentials"
    printf '[default]\nregion = eu-west-1\ncredential_process = false\n' | config
    fails # at what the config file says, because the pipe counts as empty
    says credential_process
    rm "$HOME/.aws/config" "$HOME/.aws/credentials"
    head -c 20000000 /dev/zero >"$HOME/.aws/config"
    fails
    says "File too large"
    printf '[default]\nregion = \0\n' | config
    fails
    says "line 2: It has a NUL character"
    nothing_of_ecr
}

@test "a profile that is not there" {
    { echo '[work]' && keys work; } | credentials
    AWS_PROFILE=wrok fails
    says wrok
    says AWS_PROFILE
    fails 'profile = "wrok"'
    says wrok
    points_at profile
    nothing_of_ecr
}

@test "half a key in a profile" {
    printf '[default]\naws_access_key_id = AKIAHALF\n' | credentials
    fails
    says aws_secret_access_key
    says 'profile "default"'
}

@test "half a key in the provider block" {
    fails 'access_key = "AKIAHALF"'
    says secret_key
    nothing_of_ecr
}

# ---- Roles ----

@test "roles in a circle" {
    config <<EOT
[profile a]
role_arn = $(role_arn a)
source_profile = b
[profile b]
role_arn = $(role_arn b)
source_profile = c
[profile c]
role_arn = $(role_arn c)
source_profile = a
EOT
    AWS_PROFILE=a fails
    says source_profile
    says b
    equal "$(asked sts)" 0
}

@test "a source_profile that is not there" {
    printf '[default]\nrole_arn = %s\nsource_profile = nowhere\n' "$ROLE" | config
    fails
    says nowhere
    says source_profile
}

@test "a source_profile without credentials" {
    printf '[default]\nrole_arn = %s\nsource_profile = base\n[profile base]\nregion = us-west-2\n' "$ROLE" | config
    fails
    says base
}

@test "source_profile and credential_source at once, and neither" {
    { echo '[base]' && keys base; } | credentials
    printf '[default]\nrole_arn = %s\nsource_profile = base\ncredential_source = Environment\n' "$ROLE" | config
    fails
    says credential_source
    printf '[default]\nrole_arn = %s\n' "$ROLE" | config
    fails
    says source_profile
}

@test "a credential_source that nobody knows" {
    printf '[default]\nrole_arn = %s\ncredential_source = ec2instancemetadata\n' "$ROLE" | config
    fails
    says ec2instancemetadata
    says Ec2InstanceMetadata
}

@test "mfa_serial: refused before anything is asked" {
    { echo '[base]' && keys base; } | credentials
    printf '[default]\nrole_arn = %s\nsource_profile = base\nmfa_serial = arn:aws:iam::123456789012:mfa/me\n' "$ROLE" | config
    fails
    says mfa_serial
    equal "$(asked sts)" 0
}

@test "a role that AWS does not let us assume" {
    role "{\"arn\": \"$ROLE\", \"external_id\": \"right\"}"
    { echo '[base]' && keys base; } | credentials
    printf '[default]\nrole_arn = %s\nsource_profile = base\nexternal_id = wrong\n' "$ROLE" | config
    fails
    says "$ROLE"
    says AccessDenied
    says "not authorized to perform: sts:AssumeRole"
    equal "$(asked sts AssumeRole)" 1
}

@test "assume_role in the provider block: which of them failed" {
    role "{\"arn\": \"$ROLE\", \"trusts\": []}"
    export_keys base
    fails "assume_role { role_arn = \"$(role_arn hub)\" }
assume_role { role_arn = \"$ROLE\" }"
    says "Cannot assume IAM Role"
    says "$ROLE"
    says AccessDenied
    nothing_of_ecr
}

@test "arguments of assume_role that STS would refuse are refused first" {
    export_keys base
    local argument
    for argument in 'duration = "10m"' 'duration = "13h"' 'duration = "soon"' 'external_id = "x"' 'session_name = "a b"' \
        'source_identity = "x"' 'policy = "{"' 'role_arn = "nonsense"'; do
        if [[ $argument == role_arn* ]]; then
            fails "assume_role { $argument }"
        else
            fails "assume_role {
  role_arn = \"$ROLE\"
  $argument
}"
        fi
        points_at "${argument%% *}"
    done
    equal "$(asked sts)" 0
}

# ---- Web identity ----

@test "a web identity token file that cannot be read" {
    export AWS_ROLE_ARN=$ROLE AWS_WEB_IDENTITY_TOKEN_FILE=$PWD/no-such-file
    fails
    says "$PWD/no-such-file"
    mkdir folder
    AWS_WEB_IDENTITY_TOKEN_FILE=$PWD/folder fails
    says "$PWD/folder"
    : >empty
    AWS_WEB_IDENTITY_TOKEN_FILE=$PWD/empty fails
    says "$PWD/empty"
    nothing_of_ecr
}

@test "a web identity without a role" {
    web_identity >token
    AWS_WEB_IDENTITY_TOKEN_FILE=$PWD/token fails
    says AWS_ROLE_ARN
}

@test "a web identity token that AWS does not take, or that has expired" {
    order web-identities '{"expires_in": -1}' | tr -d '\n' >token
    export AWS_ROLE_ARN=$ROLE AWS_WEB_IDENTITY_TOKEN_FILE=$PWD/token
    fails
    says ExpiredTokenException
    says "$ROLE"
    printf 'CanaryUnknownWebIdentity' >token
    SECONDS_AT_MOST=30 fails
    says InvalidIdentityToken
    nobody_says CanaryUnknownWebIdentity
    fails "assume_role_with_web_identity {
  role_arn           = \"$ROLE\"
  web_identity_token = \"${PWD}/token\"
}"
    says "Cannot assume IAM Role with web identity"
}

# ---- Single sign-on, aws login ----

sso_profile() {
    config <<EOT
[default]
sso_session = work
sso_account_id = $OTHER_ACCOUNT
sso_role_name = ${1:-Push}
[sso-session work]
sso_start_url = https://local-ecr.awsapps.com/start
sso_region = $REGION
EOT
    mkdir -p "$HOME/.aws/sso/cache"
    cache=$HOME/.aws/sso/cache/$(printf work | sha1sum | cut -d ' ' -f 1).json
}

@test "single sign-on that nobody has signed in to" {
    sso_profile
    fails
    says "aws sso login --profile default"
    says "$cache"
}

@test "single sign-on that has expired and cannot be renewed" {
    sso_profile
    order sso "{\"expires_in\": -60, \"accounts\": {\"$OTHER_ACCOUNT\": [\"Push\"]}, \"refuse_refresh\": true}" >"$cache"
    fails
    says "aws sso login"
    says expired
    jq 'del(.refreshToken)' "$cache" >changed && cat changed >"$cache"
    fails
    says "aws sso login"
    equal "$(asked sso)" 0
}

@test "single sign-on that AWS has ended" {
    sso_profile
    order sso "{\"accounts\": {\"$OTHER_ACCOUNT\": [\"Push\"]}}" >"$cache"
    order reset
    fails
    says "aws sso login"
    says UnauthorizedException
}

@test "single sign-on with a role that one does not have" {
    sso_profile Admin
    order sso "{\"accounts\": {\"$OTHER_ACCOUNT\": [\"Push\"]}}" >"$cache"
    fails
    says Admin
    says ForbiddenException
}

@test "single sign-on with a cache that is damaged" {
    sso_profile
    printf '{"accessToken": "CanaryInADamagedCache", ' >"$cache"
    fails
    says "$cache"
    nobody_says CanaryInADamagedCache
}

@test "single sign-on with a session that is not in the file" {
    sso_profile
    sed -i '/^\[sso-session/,$d' "$HOME/.aws/config"
    fails
    says sso-session
    says work
}

@test "a session of aws login that has ended" {
    ours_only "the others do not know it"
    local made arn
    made=$(order logins '{"expires_in": -60, "refuses": "TOKEN_EXPIRED"}')
    arn=$(jq -r .login_session <<<"$made")
    printf '[default]\nlogin_session = %s\n' "$arn" | config
    fails
    says "aws login"
    mkdir -p "$HOME/.aws/login/cache"
    jq .cache <<<"$made" >"$HOME/.aws/login/cache/$(printf %s "$arn" | sha256sum | cut -d ' ' -f 1).json"
    fails
    says "aws login"
    says TOKEN_EXPIRED
}

# ---- A process ----

@test "a credential_process that fails, hangs at nothing, or prints nonsense" {
    local command
    for command in 'exit 7' 'echo CanaryInAnswer' 'echo {\"Version\": 2, \"AccessKeyId\": \"CanaryInAnswer\"}' \
        'echo {\"Version\": 1, \"AccessKeyId\": \"CanaryInAnswer\"}' '/no/such/program' true; do
        printf '[default]\ncredential_process = sh -c "%s"\n' "${command//\"/\\\"}" | config
        fails
        says credential_process
        nobody_says CanaryInAnswer
    done
    printf '[default]\ncredential_process = sh -c "exit 7"\n' | config
    fails
    says 7
}

@test "a credential_process whose keys have expired" {
    printf '[default]\ncredential_process = cat %s\n' "$PWD/answer" | config
    echo '{"Version": 1, "AccessKeyId": "AKIAOLD", "SecretAccessKey": "CanaryOldSecret", "Expiration": "2020-01-01T00:00:00Z"}' >answer
    fails
    says expired
    nobody_says CanaryOldSecret
}

# ---- Containers, instances ----

@test "a container's URI that could be anybody's" {
    AWS_CONTAINER_CREDENTIALS_FULL_URI=http://192.0.2.1/credentials fails
    says AWS_CONTAINER_CREDENTIALS_FULL_URI
    says 192.0.2.1
    AWS_CONTAINER_CREDENTIALS_FULL_URI=ftp://127.0.0.1/x fails
    says AWS_CONTAINER_CREDENTIALS_FULL_URI
}

@test "a container that refuses the token, and a token that cannot be sent" {
    setting container_token '"CanaryRightToken"'
    export AWS_CONTAINER_CREDENTIALS_FULL_URI=$LOCAL_ECR_URL/v1/credentials
    AWS_CONTAINER_AUTHORIZATION_TOKEN=CanaryWrongToken fails
    says 401
    nobody_says CanaryWrongToken
    AWS_CONTAINER_AUTHORIZATION_TOKEN=$'CanaryWrong\r\nX-Other: 1' fails
    says AWS_CONTAINER_AUTHORIZATION_TOKEN
    nobody_says CanaryWrong
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=$PWD/no-such-file fails
    says "$PWD/no-such-file"
}

@test "a container that answers nonsense" {
    fault '{"kind": "garbage", "service": "container", "operation": "GetCredentials", "times": 0}'
    AWS_CONTAINER_CREDENTIALS_FULL_URI=$LOCAL_ECR_URL/v1/credentials SECONDS_AT_MOST=15 fails
    says "$LOCAL_ECR_URL/v1/credentials"
}

@test "an instance that never answers" {
    fault '{"kind": "stall", "service": "imds", "operation": "PutToken", "times": 0, "seconds": 60}'
    fault '{"kind": "stall", "service": "imds", "operation": "ListRoles", "times": 0, "seconds": 60}'
    SECONDS_AT_MOST=10 fails
    says "No valid credential sources found"
    order clear-faults
}

@test "an instance whose version 1 is off when version 2 is refused" {
    fault '{"kind": "error", "service": "imds", "operation": "PutToken", "status": 403, "times": 0}'
    SECONDS_AT_MOST=10 fails
    says "No valid credential sources found"
    setting imds_v1 true
    AWS_EC2_METADATA_V1_DISABLED=true SECONDS_AT_MOST=10 fails
    says "No valid credential sources found"
}

@test "an instance without a role" {
    setting imds_role '""'
    fails
    says "No valid credential sources found"
}

@test "a metadata endpoint or mode that cannot be" {
    AWS_EC2_METADATA_SERVICE_ENDPOINT='not a url' fails
    says AWS_EC2_METADATA_SERVICE_ENDPOINT
    unset AWS_EC2_METADATA_SERVICE_ENDPOINT
    AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=IPv5 fails
    says IPv5
}

# ---- Accounts ----

@test "allowed_account_ids and forbidden_account_ids" {
    export_keys environment
    fails "allowed_account_ids = [\"$OTHER_ACCOUNT\"]"
    says "$HOME_ACCOUNT"
    fails "forbidden_account_ids = [\"$HOME_ACCOUNT\"]"
    says "$HOME_ACCOUNT"
    nothing_of_ecr
    works "allowed_account_ids = [\"$HOME_ACCOUNT\"]"
}

@test "keys that AWS does not know" {
    expect_refusals
    AWS_ACCESS_KEY_ID=AKIANOBODY AWS_SECRET_ACCESS_KEY=CanaryUnknownSecret fails
    says security
    nobody_says CanaryUnknownSecret
}
