#!/usr/bin/env bats
# Every source of credentials, each one alone: a repository is created and planned with it. Which one wins is in
# credentials_order.bats, what a source may refuse in credentials_errors.bats.

# shellcheck disable=SC2030,SC2031,SC2154 # each test is a process of its own; $errors is set by what it calls
load support/sources

ROLE=$(role_arn deploy/push "$OTHER_ACCOUNT")

@test "a secret that were shown would be found" {
    ours_only "the others are not searched"
    export_keys environment
    works
    setting container_token "\"$TF_TYPE\"" # as if the word were one
    run -1 shows_no_secret
    contains "$output" trace.log
    contains "$output" terraform.tfstate
    order reset
}

# ---- Keys ----

@test "keys in the environment" {
    export_keys environment
    works
    acted_as "$(user environment)"
    equal "$(asked imds)" 0
}

@test "keys in the environment, with a session token" {
    local token=CanaryToken$RANDOM//abc==
    order credentials "{\"access_key_id\": \"ASIATOKEN\", \"secret_access_key\": \"CanarySecret$RANDOM\", \"token\": \"$token\"}"
    AWS_ACCESS_KEY_ID=ASIATOKEN AWS_SECRET_ACCESS_KEY=$(admin secrets | grep CanarySecret) AWS_SESSION_TOKEN=$token works
    equal "$(sent CreateRepository .access_key_id)" '"ASIATOKEN"'
}

@test "the old names of the keys in the environment" {
    terraform_only
    export_keys old
    export AWS_ACCESS_KEY=$AWS_ACCESS_KEY_ID AWS_SECRET_KEY=$AWS_SECRET_ACCESS_KEY
    unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
    works
    acted_as "$(user old)"
}

@test "keys in the provider block" {
    terraform_only
    local lines
    mapfile -t lines < <(keys block)
    works "access_key = \"${lines[0]#*= }\"
secret_key = \"${lines[1]#*= }\""
    acted_as "$(user block)"
}

@test "the default profile of the shared credentials file" {
    { echo '[default]' && keys file; } | credentials
    works
    acted_as "$(user file)"
}

@test "a profile of the shared credentials file, by AWS_PROFILE" {
    { echo '[default]' && keys file && echo '[work]' && keys work; } | credentials
    AWS_PROFILE=work works
    acted_as "$(user work)"
}

@test "a profile of the config file, with its region" {
    { printf '[profile work]\nregion = us-west-2\n' && keys work; } | config
    unset AWS_REGION AWS_DEFAULT_REGION
    AWS_PROFILE=work works
    acted_as "$(user work)"
    equal "$(sent CreateRepository .region)" '"us-west-2"'
}

@test "shared files elsewhere, by the environment" {
    { echo '[work]' && keys work; } >c
    { echo '[profile work]' && echo 'region = us-west-2'; } >f
    unset AWS_REGION AWS_DEFAULT_REGION
    AWS_PROFILE=work AWS_CONFIG_FILE=$PWD/f AWS_SHARED_CREDENTIALS_FILE=$PWD/c works
    acted_as "$(user work)"
    equal "$(sent CreateRepository .region)" '"us-west-2"'
}

@test "profile and shared files in the provider block" {
    terraform_only
    { echo '[work]' && keys first; } >c1
    { echo '[work]' && keys second; } >c2
    { echo '[profile work]' && echo 'region = us-west-2'; } >f
    unset AWS_REGION AWS_DEFAULT_REGION
    works "profile = \"work\"
shared_credentials_files = [\"$PWD/c1\", \"$PWD/c2\"]
shared_config_files = [\"$PWD/f\"]"
    acted_as "$(user second)" # the later file wins
    equal "$(sent CreateRepository .region)" '"us-west-2"'
}

# ---- Roles in profiles ----

@test "role_arn with source_profile, external_id, duration_seconds and role_session_name" {
    role "{\"arn\": \"$ROLE\", \"external_id\": \"ext+=,.@:/-1\", \"trusts\": [\"arn:aws:$(user base)\"], \"max_seconds\": 7200}"
    { echo '[base]' && keys base; } | credentials
    config <<EOT
[profile work]
role_arn = $ROLE
source_profile = base
external_id = ext+=,.@:/-1
duration_seconds = 5400
role_session_name = from-a-profile
EOT
    AWS_PROFILE=work works
    acted_as "$(session push from-a-profile "$OTHER_ACCOUNT")"
    equal "$(sent AssumeRole '[.body.DurationSeconds, .caller]')" "[\"5400\",\"arn:aws:$(user base)\"]"
    equal "$(requests service=sts | jq -r .host | sort -u)" "sts.$REGION.amazonaws.com"
}

@test "a role's session has a name even if the profile gives none" {
    { echo '[base]' && keys base; } | credentials
    printf '[default]\nrole_arn = %s\nsource_profile = base\n' "$ROLE" | config
    works
    contains "$(caller)" ":$OTHER_ACCOUNT:assumed-role/push/"
}

@test "a chain of three profiles" {
    local first second third
    first=$(role_arn first) second=$(role_arn second 333333333333) third=$(role_arn third "$OTHER_ACCOUNT")
    role "{\"arn\": \"$first\", \"trusts\": [\"arn:aws:$(user base)\"]}"
    role "{\"arn\": \"$second\", \"trusts\": [\"$first\"]}"
    role "{\"arn\": \"$third\", \"trusts\": [\"$second\"]}"
    { echo '[base]' && keys base; } | credentials
    config <<EOT
[profile one]
role_arn = $first
source_profile = base
[profile two]
role_arn = $second
source_profile = one
[profile three]
role_arn = $third
source_profile = two
role_session_name = end-of-chain
EOT
    AWS_PROFILE=three works
    acted_as "$(session third end-of-chain "$OTHER_ACCOUNT")"
}

@test "a profile that is its own source_profile" {
    { printf '[default]\nrole_arn = %s\nsource_profile = default\nrole_session_name = self\n' "$ROLE" && keys self; } | config
    works
    acted_as "$(session push self "$OTHER_ACCOUNT")"
    equal "$(sent AssumeRole .caller)" "\"arn:aws:$(user self)\""
}

@test "credential_source = Environment" {
    terraform_only
    export_keys environment
    printf '[profile work]\nrole_arn = %s\ncredential_source = Environment\nrole_session_name = env\n' "$ROLE" | config
    works 'profile = "work"' # AWS_PROFILE would not win against the keys
    acted_as "$(session push env "$OTHER_ACCOUNT")"
    equal "$(sent AssumeRole .caller)" "\"arn:aws:$(user environment)\""
}

@test "credential_source = Ec2InstanceMetadata" {
    printf '[profile work]\nrole_arn = %s\ncredential_source = Ec2InstanceMetadata\nrole_session_name = ec2\n' "$ROLE" | config
    AWS_PROFILE=work works
    acted_as "$(session push ec2 "$OTHER_ACCOUNT")"
    contains "$(sent AssumeRole .caller)" "assumed-role/local-ecr-instance/"
}

@test "credential_source = EcsContainer" {
    printf '[profile work]\nrole_arn = %s\ncredential_source = EcsContainer\nrole_session_name = ecs\n' "$ROLE" | config
    AWS_PROFILE=work AWS_CONTAINER_CREDENTIALS_FULL_URI=$LOCAL_ECR_URL/v1/credentials works
    acted_as "$(session push ecs "$OTHER_ACCOUNT")"
    contains "$(sent AssumeRole .caller)" "assumed-role/local-ecr-container/"
}

# ---- Web identity ----

@test "a web identity in the environment" {
    printf %s "$(web_identity '{"subject": "repo:us/app"}')" >token
    role "{\"arn\": \"$ROLE\", \"trusts\": [\"repo:us/app\"]}"
    export AWS_ROLE_ARN=$ROLE AWS_WEB_IDENTITY_TOKEN_FILE=$PWD/token AWS_ROLE_SESSION_NAME=from-oidc
    works
    acted_as "$(session push from-oidc "$OTHER_ACCOUNT")"
    equal "$(sent AssumeRoleWithWebIdentity '[.access_key_id, .host]')" "[null,\"sts.$REGION.amazonaws.com\"]"

    # The file is read anew each time; a line's end is none of the token.
    order web-identities '{}' >token
    role "{\"arn\": \"$ROLE\"}"
    if [[ $CLIENT == ours ]]; then again; fi
}

@test "a web identity in a profile" {
    printf %s "$(web_identity)" >token
    printf '[profile work]\nrole_arn = %s\nweb_identity_token_file = %s\nrole_session_name = from-profile\n' "$ROLE" "$PWD/token" | config
    AWS_PROFILE=work works
    acted_as "$(session push from-profile "$OTHER_ACCOUNT")"
}

@test "a web identity as the base of a profile's role" {
    printf %s "$(web_identity)" >token
    config <<EOT
[profile base]
role_arn = $(role_arn base)
web_identity_token_file = $PWD/token
role_session_name = base
[profile work]
role_arn = $ROLE
source_profile = base
role_session_name = work
EOT
    AWS_PROFILE=work works
    acted_as "$(session push work "$OTHER_ACCOUNT")"
    equal "$(sent AssumeRole .caller)" "\"arn:aws:$(session base base)\""
}

@test "assume_role_with_web_identity in the provider block, with a token file" {
    terraform_only
    printf %s "$(web_identity)" >token
    works "assume_role_with_web_identity {
  role_arn                = \"$ROLE\"
  session_name            = \"from-block\"
  web_identity_token_file = \"$PWD/token\"
  duration                = \"20m\"
  policy                  = jsonencode({ Version = \"2012-10-17\", Statement = [] })
  policy_arns             = [\"arn:aws:iam::aws:policy/ReadOnlyAccess\"]
}"
    acted_as "$(session push from-block "$OTHER_ACCOUNT")"
    equal "$(sent AssumeRoleWithWebIdentity '.body | [.DurationSeconds, ."PolicyArns.member.1.arn", (.Policy | fromjson | .Statement), .RoleSessionName]')" \
        '["1200","arn:aws:iam::aws:policy/ReadOnlyAccess",[],"from-block"]'
}

@test "assume_role_with_web_identity in the provider block, with the token itself" {
    terraform_only
    works "assume_role_with_web_identity {
  role_arn           = \"$ROLE\"
  session_name       = \"from-block\"
  web_identity_token = \"$(web_identity)\"
}"
    acted_as "$(session push from-block "$OTHER_ACCOUNT")"
}

# ---- assume_role in the provider block ----

@test "assume_role with everything it can say" {
    terraform_only
    role "{\"arn\": \"$ROLE\", \"external_id\": \"ext-1\", \"max_seconds\": 43200}"
    export_keys base
    works "assume_role {
  role_arn            = \"$ROLE\"
  duration            = \"1h30m\"
  external_id         = \"ext-1\"
  policy              = jsonencode({ Version = \"2012-10-17\", Statement = [] })
  policy_arns         = [\"arn:aws:iam::aws:policy/ReadOnlyAccess\"]
  session_name        = \"terraform@work\"
  source_identity     = \"somebody\"
  tags                = { team = \"web + more\", run = \"1\" }
  transitive_tag_keys = [\"team\"]
}"
    acted_as "$(session push terraform@work "$OTHER_ACCOUNT")"
    equal "$(sent CreateRepository '.session | [.tags, .transitive, .source_identity]' | jq -cS .)" \
        '[{"run":"1","team":"web + more"},["team"],"somebody"]'
    equal "$(sent AssumeRole '.body | [.DurationSeconds, ."PolicyArns.member.1.arn"]')" '["5400","arn:aws:iam::aws:policy/ReadOnlyAccess"]'
}

@test "a chain of assume_role into a second account, whose repositories are its own" {
    terraform_only
    local first
    first=$(role_arn hub 333333333333)
    role "{\"arn\": \"$first\", \"trusts\": [\"arn:aws:$(user base)\"]}"
    role "{\"arn\": \"$ROLE\", \"trusts\": [\"$first\"]}"
    export_keys base
    works "assume_role { role_arn = \"$first\" }
assume_role {
  role_arn     = \"$ROLE\"
  session_name = \"second\"
}"
    acted_as "$(session push second "$OTHER_ACCOUNT")"
    equal "$(state "$TF_TYPE.web" .registry_id)" "\"$OTHER_ACCOUNT\""
    equal "$(AWS_CA_BUNDLE=$LOCAL_ECR_CA inside aws ecr describe-repositories --query 'length(repositories)')" 0
}

@test "assume_role on top of a profile, a web identity, an instance" {
    terraform_only
    printf %s "$(web_identity)" >token
    AWS_ROLE_ARN=$(role_arn base) AWS_WEB_IDENTITY_TOKEN_FILE=$PWD/token works "assume_role {
  role_arn     = \"$ROLE\"
  session_name = \"top\"
}"
    acted_as "$(session push top "$OTHER_ACCOUNT")"
    contains "$(sent AssumeRole .caller)" "assumed-role/base/"

    { echo '[work]' && keys work; } | credentials
    AWS_PROFILE=work again
    equal "$(sent AssumeRole .caller)" "\"arn:aws:$(user work)\""

    again
    contains "$(sent AssumeRole .caller)" "assumed-role/local-ecr-instance/"
}

# ---- Single sign-on ----

# signed_in NAME [JSON]: a sign-in, and the cache file of that session or start URL. $cache is the file.
signed_in() {
    mkdir -p "$HOME/.aws/sso/cache"
    cache=$HOME/.aws/sso/cache/$(printf %s "$1" | sha1sum | cut -d ' ' -f 1).json
    order sso "${2:-{\"accounts\": {\"$OTHER_ACCOUNT\": [\"Push\"]\}\}}" >"$cache"
}

sso_profile() {
    config <<EOT
[default]
sso_session = work
sso_account_id = $OTHER_ACCOUNT
sso_role_name = Push
[sso-session work]
sso_start_url = https://local-ecr.awsapps.com/start
sso_region = ${1:-$REGION}
EOT
}

@test "single sign-on with a session" {
    signed_in work
    sso_profile
    works
    contains "$(caller)" ":sts::$OTHER_ACCOUNT:assumed-role/AWSReservedSSO_Push_"
    equal "$(requests service=sso | jq -r .host | sort -u)" "portal.sso.$REGION.amazonaws.com"
    equal "$(asked oidc)" 0
}

@test "single sign-on in another region than the repositories'" {
    signed_in work "{\"region\": \"us-west-2\", \"accounts\": {\"$OTHER_ACCOUNT\": [\"Push\"]}}"
    sso_profile us-west-2
    works
    equal "$(requests service=sso | jq -r .host | sort -u)" "portal.sso.us-west-2.amazonaws.com"
}

@test "single sign-on as it was before sessions" {
    signed_in https://local-ecr.awsapps.com/start
    config <<EOT
[default]
sso_start_url = https://local-ecr.awsapps.com/start
sso_region = $REGION
sso_account_id = $OTHER_ACCOUNT
sso_role_name = Push
EOT
    works
    contains "$(caller)" ":sts::$OTHER_ACCOUNT:assumed-role/AWSReservedSSO_Push_"
}

@test "single sign-on renews an expired access token, and keeps what else is in the cache" {
    signed_in work "{\"expires_in\": -60, \"accounts\": {\"$OTHER_ACCOUNT\": [\"Push\"]}}"
    jq '. + {other: "kept"}' "$cache" >changed && cat changed >"$cache"
    sso_profile
    works
    contains "$(caller)" "assumed-role/AWSReservedSSO_Push_"
    equal "$(asked oidc)" 1
    [[ $CLIENT == aws-cli ]] || equal "$(jq -c '[.other, .startUrl]' "$cache")" '["kept","https://local-ecr.awsapps.com/start"]'
    (($(date -d "$(jq -r .expiresAt "$cache")" +%s) > EPOCHSECONDS + 3000))
    equal "$(stat -c %a "$cache")" 600
    again # with the refresh token that was new then
}

@test "single sign-on as the base of a profile's role" {
    signed_in work
    sso_profile
    sed -i 's/^\[default\]/[profile base]/' "$HOME/.aws/config"
    printf '[profile work]\nrole_arn = %s\nsource_profile = base\nrole_session_name = top\n' "$(role_arn top)" >>"$HOME/.aws/config"
    AWS_PROFILE=work works
    acted_as "$(session top top)"
}

# ---- A process ----

@test "credential_process, with arguments in quotes" {
    order credentials '{"access_key_id": "ASIAPROCESS", "secret_access_key": "CanaryProcessSecret", "token": "CanaryProcessToken"}'
    cat >"$HOME/my tool" <<'EOT'
#!/bin/sh
[ "$1" = "two words" ] || exit 3
[ "$USERS_OWN" = yes ] && [ -z "$TF_PLUGIN_MAGIC_COOKIE$PLUGIN_CLIENT_CERT$PLUGIN_PROTOCOL_VERSIONS" ] || exit 4
echo CanaryOnStderr >&2
echo '{"Version": 1, "AccessKeyId": "ASIAPROCESS", "SecretAccessKey": "CanaryProcessSecret", "SessionToken": "CanaryProcessToken"}'
EOT
    chmod +x "$HOME/my tool"
    printf '[default]\ncredential_process = "%s" "two words"\n' "$HOME/my tool" | config
    USERS_OWN=yes works
    equal "$(sent CreateRepository .access_key_id)" '"ASIAPROCESS"'
    [[ $CLIENT != ours ]] || nobody_says CanaryOnStderr
}

@test "credential_process as the base of a profile's role" {
    order credentials '{"access_key_id": "AKIAPROCESS", "secret_access_key": "CanaryProcessSecret"}'
    config <<EOT
[profile base]
credential_process = echo '{"Version": 1, "AccessKeyId": "AKIAPROCESS", "SecretAccessKey": "CanaryProcessSecret"}'
[default]
role_arn = $ROLE
source_profile = base
role_session_name = top
EOT
    works
    acted_as "$(session push top "$OTHER_ACCOUNT")"
}

# ---- aws login ----

# logged_in [JSON]: a session of "aws login", its profile and its cache. $cache is the file.
logged_in() {
    local made arn
    made=$(order logins "${1:-}")
    arn=$(jq -r .login_session <<<"$made")
    mkdir -p "$HOME/.aws/login/cache"
    cache=$HOME/.aws/login/cache/$(printf %s "$arn" | sha256sum | cut -d ' ' -f 1).json
    jq .cache <<<"$made" >"$cache"
    printf '[default]\nlogin_session = %s\n' "$arn" | config
}

@test "a session of aws login" {
    ours_only "the others know none, or need a library for it"
    logged_in
    works
    acted_as "$(session Developer somebody)"
    equal "$(asked signin)" 0
}

@test "a session of aws login is renewed, whichever way its key is written" {
    ours_only "the others know none, or need a library for it"
    local format before
    for format in sec1 pkcs8; do
        logged_in "{\"expires_in\": -60, \"key_format\": \"$format\"}"
        before=$(jq -r .refreshToken "$cache")
        if [[ $format == sec1 ]]; then works; else again; fi
        [[ $(jq -r .refreshToken "$cache") != "$before" ]] || fail "the cache was not written"
        equal "$(jq -c '[.clientId, .accessToken.accountId, (.dpopKey | length > 100)]' "$cache")" \
            "[\"arn:aws:signin:::devtools/same-device\",\"$HOME_ACCOUNT\",true]"
        equal "$(stat -c %a "$cache")" 600
    done
    equal "$(asked signin)" 2
    equal "$(sent CreateOAuth2Token .host)" "\"$REGION.signin.aws.amazon.com\""
    acted_as "$(session Developer somebody)"
}

# ---- Containers and instances ----

@test "a container of ECS, by the relative URI" {
    in_namespace
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/v2/credentials/0a1b-2c works
    acted_as "$(session local-ecr-container container)"
    equal "$(sent GetCredentials '[.host, .path]')" '["169.254.170.2","/v2/credentials/0a1b-2c"]'
    equal "$(asked imds)" 0
}

@test "a container by the full URI, with an authorization token" {
    setting container_token '"Basic CanaryContainerToken"'
    AWS_CONTAINER_CREDENTIALS_FULL_URI=$LOCAL_ECR_URL/v1/credentials AWS_CONTAINER_AUTHORIZATION_TOKEN='Basic CanaryContainerToken' works
    acted_as "$(session local-ecr-container container)"
}

@test "a pod of EKS, whose token changes" {
    in_namespace
    setting container_token '"CanaryPodToken1"'
    printf CanaryPodToken1 >token
    export AWS_CONTAINER_CREDENTIALS_FULL_URI=http://169.254.170.23/v1/credentials
    export AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=$PWD/token AWS_CONTAINER_AUTHORIZATION_TOKEN=the-file-wins
    works
    acted_as "$(session local-ecr-container container)"
    setting container_token '"CanaryPodToken2"'
    printf CanaryPodToken2 >token
    again
}

@test "a pod of EKS, over IPv6" {
    in_namespace
    AWS_CONTAINER_CREDENTIALS_FULL_URI='http://[fd00:ec2::23]/v1/credentials' works
    acted_as "$(session local-ecr-container container)"
}

@test "an instance: version 2 of its metadata, and nothing else set" {
    in_namespace
    unset AWS_REGION AWS_DEFAULT_REGION
    [[ $CLIENT != aws-cli ]] || export AWS_DEFAULT_REGION=$REGION
    works
    acted_as "$(session local-ecr-instance i-0a1b2c3d4e5f67890)"
    equal "$(requests service=imds | jq -r .host | sort -u)" 169.254.169.254
    equal "$(requests service=imds | jq -r .operation | head -n 3 | paste -sd ' ')" "PutToken ListRoles GetRoleCredentials"
    equal "$(sent CreateRepository .region)" "\"$REGION\""
}

@test "an instance over IPv6" {
    in_namespace
    AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=ipv6 works
    equal "$(requests service=imds | jq -r .host | sort -u)" '[fd00:ec2::254]'
}

@test "an instance whose token call fails once" {
    terraform_only
    fault '{"kind": "error", "service": "imds", "operation": "PutToken", "status": 503}'
    works
    contains "$(caller)" assumed-role/local-ecr-instance/
}

@test "an instance that still knows version 1 only" {
    setting imds_v1 true
    fault '{"kind": "error", "service": "imds", "operation": "PutToken", "status": 404, "times": 0}'
    works
    contains "$(caller)" assumed-role/local-ecr-instance/
}

@test "an instance whose session token expires early" {
    terraform_only
    fault '{"kind": "error", "service": "imds", "operation": "ListRoles", "status": 401}'
    works
    contains "$(caller)" assumed-role/local-ecr-instance/
}

# ---- Time ----

# slowly: one repository after another, with three seconds between.
slowly() {
    configured
    cat >>main.tf <<EOT
resource "$TF_TYPE" "next" {
  name       = "team/next"
  depends_on = [$TF_TYPE.web]
}
EOT
    fault '{"kind": "delay", "operation": "CreateRepository", "seconds": 3}'
    TF_LOG=TRACE TF_LOG_PATH=$BATS_TEST_TMPDIR/trace.log apply >output.txt 2>&1 || fail "$(<output.txt)"
    equal "$(calls CreateRepository)" 2
}

@test "keys that expire during an apply are renewed before" {
    terraform_only
    setting container_seconds 2
    AWS_CONTAINER_CREDENTIALS_FULL_URI=$LOCAL_ECR_URL/v1/credentials slowly
    (($(asked container) >= 2))
    equal "$(requests service=ecr | jq -r 'select(.status != 200) | .error' | grep -v RepositoryNotFoundException)" ""
}

@test "many calls at once fetch the keys once" {
    terraform_only
    fault '{"kind": "delay", "service": "container", "operation": "GetCredentials", "seconds": 0.5}'
    configured
    cat >>main.tf <<EOT
resource "$TF_TYPE" "many" {
  count = 20
  name  = "many/\${count.index}"
}
EOT
    AWS_CONTAINER_CREDENTIALS_FULL_URI=$LOCAL_ECR_URL/v1/credentials apply -parallelism=20
    equal "$(calls CreateRepository)" 21
    (($(asked container) <= 2)) # one for each provider process
}
