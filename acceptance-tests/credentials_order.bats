#!/usr/bin/env bats
# Which source of credentials wins when there is more than one.

# shellcheck disable=SC2030,SC2031,SC2154 # each test is a process of its own; $errors is set by what it calls
load support/sources

ROLE=$(role_arn push "$OTHER_ACCOUNT")

# Keys in every place at once, each under its name.
everywhere() {
    { echo '[default]' && keys file && echo '[work]' && keys work; } | credentials
    { echo '[default]' && keys config; } | config
    export_keys environment
}

@test "the provider block's keys win against everything" {
    terraform_only
    everywhere
    local lines
    mapfile -t lines < <(keys block)
    export AWS_PROFILE=work
    works "access_key = \"${lines[0]#*= }\"
secret_key = \"${lines[1]#*= }\""
    acted_as "$(user block)"
}

@test "the provider block's profile wins against the environment's keys" {
    terraform_only
    everywhere
    works 'profile = "work"'
    acted_as "$(user work)"
}

@test "the environment's keys win against AWS_PROFILE" {
    everywhere
    AWS_PROFILE=work works
    acted_as "$(user environment)"
}

@test "the environment's keys win against a web identity, a container and an instance" {
    everywhere
    web_identity >token
    export AWS_ROLE_ARN=$ROLE AWS_WEB_IDENTITY_TOKEN_FILE=$PWD/token AWS_CONTAINER_CREDENTIALS_FULL_URI=$LOCAL_ECR_URL/v1/credentials
    works
    acted_as "$(user environment)"
    equal "$(asked sts AssumeRoleWithWebIdentity),$(asked container),$(asked imds)" 0,0,0
}

@test "the environment's web identity wins against the default profile" {
    terraform_only # aws-cli sees it the other way round
    { echo '[default]' && keys file; } | credentials
    printf %s "$(web_identity)" >token
    AWS_ROLE_ARN=$ROLE AWS_WEB_IDENTITY_TOKEN_FILE=$PWD/token works
    contains "$(caller)" ":assumed-role/push/"
}

@test "the provider block's profile wins against the environment's web identity" {
    terraform_only
    { echo '[work]' && keys work; } | credentials
    printf %s "$(web_identity)" >token
    AWS_ROLE_ARN=$ROLE AWS_WEB_IDENTITY_TOKEN_FILE=$PWD/token works 'profile = "work"'
    acted_as "$(user work)"
}

@test "the credentials file wins against the config file" {
    { echo '[default]' && keys file; } | credentials
    { echo '[default]' && keys config; } | config
    works
    acted_as "$(user file)"
}

@test "a profile wins against a container and an instance" {
    { echo '[default]' && keys file; } | credentials
    AWS_CONTAINER_CREDENTIALS_FULL_URI=$LOCAL_ECR_URL/v1/credentials works
    acted_as "$(user file)"
    equal "$(asked container),$(asked imds)" 0,0
}

@test "a container wins against an instance" {
    AWS_CONTAINER_CREDENTIALS_FULL_URI=$LOCAL_ECR_URL/v1/credentials works
    acted_as "$(session local-ecr-container container)"
    equal "$(asked imds)" 0
}

@test "ECS's relative URI wins against the full URI" {
    in_namespace
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/v2/credentials/x AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:9/x works
    equal "$(sent GetCredentials .host)" '"169.254.170.2"'
}

@test "AWS_PROFILE wins against AWS_DEFAULT_PROFILE" {
    terraform_only # aws-cli sees it the other way round
    { echo '[work]' && keys work && echo '[home]' && keys home; } | credentials
    AWS_PROFILE=work AWS_DEFAULT_PROFILE=home works
    acted_as "$(user work)"
}

@test "AWS_DEFAULT_PROFILE names the profile when nothing else does" {
    { echo '[home]' && keys home && echo '[default]' && keys file; } | credentials
    AWS_DEFAULT_PROFILE=home works
    acted_as "$(user home)"
}

@test "variables that are empty count as not set" {
    { echo '[default]' && keys file; } | credentials
    export AWS_ACCESS_KEY_ID='' AWS_SECRET_ACCESS_KEY='' AWS_SESSION_TOKEN='' AWS_PROFILE='' AWS_WEB_IDENTITY_TOKEN_FILE='' AWS_ROLE_ARN=''
    [[ $CLIENT != aws-cli ]] || unset AWS_PROFILE AWS_WEB_IDENTITY_TOKEN_FILE
    works
    acted_as "$(user file)"
}

@test "half a key in the environment is passed over" {
    terraform_only # an error of aws-cli's
    { echo '[default]' && keys file; } | credentials
    AWS_ACCESS_KEY_ID=AKIAHALF works
    acted_as "$(user file)"
}

@test "the default profile's role is assumed with its source, not with the environment's keys" {
    { echo '[base]' && keys base; } | credentials
    printf '[default]\nrole_arn = %s\nsource_profile = base\nrole_session_name = default\n' "$ROLE" | config
    works
    acted_as "$(session push default "$OTHER_ACCOUNT")"
    equal "$(sent AssumeRole .caller)" "\"arn:aws:$(user base)\""
}

@test "assume_role in the provider block uses what the environment has" {
    terraform_only
    everywhere
    works "assume_role {
  role_arn     = \"$ROLE\"
  session_name = \"block\"
}"
    equal "$(sent AssumeRole .caller)" "\"arn:aws:$(user environment)\""
    acted_as "$(session push block "$OTHER_ACCOUNT")"
}

@test "two configurations of one provider have credentials of their own" {
    terraform_only
    { echo '[one]' && keys one && echo '[two]' && keys two; } | credentials
    cat >main.tf <<EOT
provider "$TF_NAME" { profile = "one" }
provider "$TF_NAME" {
  alias   = "two"
  profile = "two"
  region  = "us-west-2"
}
resource "$TF_TYPE" "one" { name = "team/one" }
resource "$TF_TYPE" "two" {
  provider = $TF_NAME.two
  name     = "team/two"
}
EOT
    apply
    equal "$(requests 'operation=CreateRepository' | jq -c '[.body.repositoryName, .caller, .region]' | sort)" \
        "[\"team/one\",\"arn:aws:$(user one)\",\"$REGION\"]
[\"team/two\",\"arn:aws:$(user two)\",\"us-west-2\"]"
}

@test "AWS_EC2_METADATA_DISABLED and skip_metadata_api_check keep an instance from being asked" {
    terraform_only
    AWS_EC2_METADATA_DISABLED=TRUE fails
    fails 'skip_metadata_api_check = true'
    equal "$(asked imds)" 0
    AWS_EC2_METADATA_DISABLED=true works 'skip_metadata_api_check = false'
    contains "$(caller)" assumed-role/local-ecr-instance/
}
