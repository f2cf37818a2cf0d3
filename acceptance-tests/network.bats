#!/usr/bin/env bats
# The way to AWS: proxies, certificates, host names, endpoints, regions.

# shellcheck disable=SC2030,SC2031,SC2154 # each test is a process of its own; $errors is set by what it calls
load support/sources

HOST=api.ecr.$REGION.amazonaws.com
NOWHERE=http://127.0.0.1:9

setup() {
    start_source_test
    export_keys somebody
    # Each test says which way to go. In the namespace there is a direct one.
    unset HTTPS_PROXY https_proxy HTTP_PROXY http_proxy NO_PROXY no_proxy
}

# went HOW [SERVICE]: "connect", "absolute" or null (no proxy), for each request of the last run.
went() {
    equal "$(requests "service=${2:-ecr}" | jq -r .proxy | sort -u)" "$1"
}

host_was() { equal "$(requests service=ecr | jq -r .host | sort -u)" "$1"; }

# ---- Proxies ----

@test "no proxy" {
    in_namespace
    works
    went null
}

@test "HTTPS_PROXY and https_proxy" {
    HTTPS_PROXY=$LOCAL_ECR_PROXY works
    went connect
    order reset-log
    https_proxy=$LOCAL_ECR_PROXY again
    went connect
}

@test "HTTP_PROXY is not for https" {
    in_namespace
    HTTP_PROXY=$NOWHERE http_proxy=$NOWHERE works
    went null
}

@test "ALL_PROXY means nothing" {
    in_namespace
    terraform_only
    ALL_PROXY=$NOWHERE all_proxy=$NOWHERE works
    went null
}

@test "https_proxy in the provider block wins against the environment" {
    terraform_only
    HTTPS_PROXY=$NOWHERE https_proxy=$NOWHERE works "https_proxy = \"$LOCAL_ECR_PROXY\""
    went connect
}

@test "http_proxy in the provider block is for https too, with a warning" {
    terraform_only
    works "http_proxy = \"$LOCAL_ECR_PROXY\""
    went connect
    contains "$(<output.txt)" "Missing HTTPS Proxy"
}

@test "http_proxy in the provider block is for http endpoints" {
    terraform_only
    works "http_proxy  = \"$LOCAL_ECR_PROXY\"
https_proxy = \"$NOWHERE\"
skip_credentials_validation = true
skip_requesting_account_id  = true
endpoints { ecr = \"http://$HOST\" }"
    went absolute
}

@test "a proxy without a scheme is an http one" {
    HTTPS_PROXY=${LOCAL_ECR_PROXY#http://} works
    went connect
}

@test "no_proxy as Go reads it" {
    in_namespace
    terraform_only
    local list
    works "https_proxy = \"$LOCAL_ECR_PROXY\""
    for list in "$HOST" amazonaws.com .amazonaws.com "x.example, $HOST" "$HOST:443" '*'; do
        order reset-log
        HTTPS_PROXY=$NOWHERE NO_PROXY=$list again
        equal "$list $(requests service=ecr | jq -r .proxy | sort -u)" "$list null"
    done
    for list in ".$HOST" "$HOST:80" ecr.$REGION.amazonaws.co 10.0.0.0/8 amazonaws; do
        order reset-log
        HTTPS_PROXY=$LOCAL_ECR_PROXY NO_PROXY=$list again
        equal "$list $(requests service=ecr | jq -r .proxy | sort -u)" "$list connect"
    done
}

@test "no_proxy in the provider block wins against the environment" {
    in_namespace
    terraform_only
    NO_PROXY=amazonaws.com works "https_proxy = \"$LOCAL_ECR_PROXY\"
no_proxy = \"example.com\""
    went connect
    order reset-log
    rm -f terraform.tfstate
    order reset
    export_keys somebody
    NO_PROXY=example.com works "https_proxy = \"$NOWHERE\"
no_proxy = \"example.com,.amazonaws.com\""
    went null
}

@test "loopback never goes through a proxy" {
    terraform_only
    HTTP_PROXY=$NOWHERE HTTPS_PROXY=$NOWHERE works "endpoints {
  ecr = \"$LOCAL_ECR_URL\"
  sts = \"$LOCAL_ECR_URL\"
}"
    went null
}

@test "instance and container credentials never go through a proxy" {
    terraform_only
    unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
    export HTTPS_PROXY=$LOCAL_ECR_PROXY HTTP_PROXY=$NOWHERE http_proxy=$NOWHERE
    works
    contains "$(caller)" assumed-role/local-ecr-instance/
    went null imds
    went connect
    AWS_CONTAINER_CREDENTIALS_FULL_URI=$LOCAL_ECR_URL/v1/credentials again
    went null container
}

@test "STS and single sign-on go through the proxy as well" {
    unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
    { echo '[base]' && keys base; } | credentials
    printf '[default]\nrole_arn = %s\nsource_profile = base\n' "$(role_arn push)" | config
    HTTPS_PROXY=$LOCAL_ECR_PROXY works
    went connect sts
}

@test "a proxy with a login" {
    setting proxy_login '"user:CanaryProxy@Word"'
    HTTPS_PROXY=http://user:CanaryProxy%40Word@${LOCAL_ECR_PROXY#http://} works
    went connect
    nobody_says CanaryProxy
}

@test "a proxy with a login, in the provider block" {
    terraform_only
    setting proxy_login '"user:CanaryProxy@Word"'
    export TF_VAR_secret=http://user:CanaryProxy%40Word@${LOCAL_ECR_PROXY#http://}
    works 'https_proxy = var.secret'
    went connect
    nobody_says CanaryProxy
}

# A wrong proxy: an error that names it, but not its password.
@test "a proxy that refuses the login" {
    terraform_only
    setting proxy_login '"user:CanaryRightWord"'
    HTTPS_PROXY=http://user:CanaryWrongWord@${LOCAL_ECR_PROXY#http://} SECONDS_AT_MOST=15 fails 'max_retries = 2'
    says 407
    says "${LOCAL_ECR_PROXY#http://}"
    nobody_says CanaryWrongWord
}

@test "a proxy that is not there" {
    terraform_only
    HTTPS_PROXY=http://user:CanaryDeadProxy@127.0.0.1:9 SECONDS_AT_MOST=15 fails 'max_retries = 2'
    says "127.0.0.1 port 9"
    nobody_says CanaryDeadProxy
    export TF_VAR_secret=http://user:CanaryDeadProxy@127.0.0.1:9
    SECONDS_AT_MOST=15 fails 'https_proxy = var.secret
max_retries = 2'
    nobody_says CanaryDeadProxy
}

@test "a proxy that is no URL" {
    terraform_only
    export TF_VAR_secret='http://user:CanaryBadProxy@:not a port'
    fails 'https_proxy = var.secret'
    points_at https_proxy
    nobody_says CanaryBadProxy
    HTTPS_PROXY=$TF_VAR_secret fails
    says HTTPS_PROXY
    nobody_says CanaryBadProxy
    equal "$(asked ecr)" 0
}

@test "a proxy that drops or refuses a connection once is tried again" {
    terraform_only
    export HTTPS_PROXY=$LOCAL_ECR_PROXY
    local kind
    for kind in '"drop"' '"error", "status": 503'; do
        order faults "{\"kind\": $kind, \"service\": \"proxy\", \"operation\": \"CONNECT\"}"
        configured
        apply
        no_faults_left
    done
    equal "$(calls CreateRepository)" 1
}

# ---- Certificates ----

# The test's own trust: nothing in the environment, and in the namespace the system's roots are the lab's.
strangers_ca() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=stranger \
        -keyout /dev/null -out stranger.pem 2>/dev/null
    unset SSL_CERT_FILE SSL_CERT_DIR CURL_CA_BUNDLE REQUESTS_CA_BUNDLE AWS_CA_BUNDLE
    export HTTPS_PROXY=$LOCAL_ECR_PROXY
}

@test "AWS_CA_BUNDLE replaces the system's certificates" {
    terraform_only
    strangers_ca
    AWS_CA_BUNDLE=$LOCAL_ECR_CA works
    AWS_CA_BUNDLE=$PWD/stranger.pem SECONDS_AT_MOST=30 fails
    says certificate
}

@test "custom_ca_bundle wins against AWS_CA_BUNDLE" {
    terraform_only
    strangers_ca
    AWS_CA_BUNDLE=$PWD/stranger.pem works "custom_ca_bundle = \"$LOCAL_ECR_CA\""
    AWS_CA_BUNDLE=$LOCAL_ECR_CA SECONDS_AT_MOST=30 fails "custom_ca_bundle = \"$PWD/stranger.pem\""
    says certificate
}

@test "a bundle that cannot be read, and one that holds no certificate" {
    terraform_only
    strangers_ca
    fails "custom_ca_bundle = \"$PWD/no-such-file\""
    says "$PWD/no-such-file"
    points_at custom_ca_bundle
    AWS_CA_BUNDLE=$PWD/no-such-file fails
    says "$PWD/no-such-file"
    says AWS_CA_BUNDLE
    echo nonsense >empty.pem
    AWS_CA_BUNDLE=$PWD/empty.pem SECONDS_AT_MOST=30 fails
    says "$PWD/empty.pem"
}

@test "a bundle that is a pipe is refused, not waited for" {
    terraform_only
    ours_only "others wait"
    strangers_ca
    mkfifo pipe
    fails "custom_ca_bundle = \"$PWD/pipe\""
    says "$PWD/pipe"
    points_at custom_ca_bundle
    AWS_CA_BUNDLE=$PWD/pipe fails
    says "AWS_CA_BUNDLE names $PWD/pipe"
    SSL_CERT_FILE=$PWD/pipe SECONDS_AT_MOST=30 fails
    says "$PWD/pipe, which SSL_CERT_FILE names"
}

@test "a directory of links that lead nowhere, and one with other certificates, do not hide the bundle" {
    terraform_only
    strangers_ca
    mkdir links others
    ln -s /gone "links/$(openssl x509 -hash -noout -in "$LOCAL_ECR_CA").0"
    cp stranger.pem "others/$(openssl x509 -hash -noout -in stranger.pem).0"
    SSL_CERT_DIR=$PWD/links SSL_CERT_FILE=$LOCAL_ECR_CA works
    SSL_CERT_DIR=$PWD/others SSL_CERT_FILE=$LOCAL_ECR_CA again
    SSL_CERT_DIR=$PWD/others SSL_CERT_FILE=$PWD/no-such-file SECONDS_AT_MOST=30 fails
    says certificate
}

@test "insecure" {
    terraform_only
    strangers_ca
    AWS_CA_BUNDLE=$PWD/stranger.pem works 'insecure = true'
    (($(grep -c 'Certificates are not verified' output.txt) == 3)) # each of the three runs
}

# ---- Host names ----

@test "FIPS hosts, by the environment, a profile, the provider block" {
    export HTTPS_PROXY=$LOCAL_ECR_PROXY
    AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1 AWS_USE_FIPS_ENDPOINT=true works
    host_was api.ecr-fips.us-east-1.amazonaws.com
    [[ $CLIENT != aws-cli ]] || return 0
    order reset-log
    printf '[default]\nregion = us-east-1\nuse_fips_endpoint = true\n' | config
    unset AWS_REGION AWS_DEFAULT_REGION
    again
    host_was api.ecr-fips.us-east-1.amazonaws.com
    order reset-log
    AWS_USE_FIPS_ENDPOINT=false again
    host_was api.ecr.us-east-1.amazonaws.com
    order reset-log
    configured 'use_fips_endpoint = true'
    again
    host_was api.ecr-fips.us-east-1.amazonaws.com
}

@test "dual-stack hosts, by the environment, a profile, the provider block" {
    export HTTPS_PROXY=$LOCAL_ECR_PROXY
    AWS_USE_DUALSTACK_ENDPOINT=true works
    host_was "ecr.$REGION.api.aws"
    [[ $CLIENT != aws-cli ]] || return 0
    order reset-log
    printf '[default]\nuse_dualstack_endpoint = true\n' | config
    again
    host_was "ecr.$REGION.api.aws"
    order reset-log
    AWS_USE_DUALSTACK_ENDPOINT=false again
    host_was "$HOST"
    order reset-log
    configured 'use_dualstack_endpoint = true
use_fips_endpoint = true
region = "us-east-1"'
    rm terraform.tfstate # which remembers the region
    apply
    host_was ecr-fips.us-east-1.api.aws
}

@test "hosts of other partitions" {
    export HTTPS_PROXY=$LOCAL_ECR_PROXY
    AWS_REGION=cn-north-1 AWS_DEFAULT_REGION=cn-north-1 works
    host_was api.ecr.cn-north-1.amazonaws.com.cn
}

# ---- Endpoints ----

@test "AWS_ENDPOINT_URL_ECR and AWS_ENDPOINT_URL" {
    export HTTPS_PROXY=$NOWHERE
    AWS_ENDPOINT_URL=$LOCAL_ECR_URL works
    host_was "${LOCAL_ECR_URL#http://}"
    AWS_ENDPOINT_URL=$NOWHERE AWS_ENDPOINT_URL_ECR=$LOCAL_ECR_URL AWS_ENDPOINT_URL_STS=$LOCAL_ECR_URL again
}

@test "a profile's endpoint_url and services section" {
    export HTTPS_PROXY=$NOWHERE
    config <<EOT
[default]
services = here
endpoint_url = $NOWHERE
[services here]
ecr =
  endpoint_url = $LOCAL_ECR_URL
sts =
  endpoint_url = $LOCAL_ECR_URL
EOT
    works
    host_was "${LOCAL_ECR_URL#http://}"
    printf '[default]\nendpoint_url = %s\n' "$LOCAL_ECR_URL" | config
    again
}

@test "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS" {
    export HTTPS_PROXY=$LOCAL_ECR_PROXY AWS_ENDPOINT_URL=$NOWHERE
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true works
    host_was "$HOST"
}

@test "endpoints in the provider block win, even against AWS_IGNORE_CONFIGURED_ENDPOINT_URLS" {
    terraform_only
    export HTTPS_PROXY=$NOWHERE AWS_ENDPOINT_URL_ECR=$NOWHERE AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true
    works "endpoints {
  ecr = \"$LOCAL_ECR_URL\"
  sts = \"$LOCAL_ECR_URL\"
}"
    host_was "${LOCAL_ECR_URL#http://}"
}

@test "an endpoint that is no URL, a services section that is not there" {
    terraform_only
    AWS_ENDPOINT_URL_ECR='no url' fails
    says AWS_ENDPOINT_URL_ECR
    printf '[default]\nservices = nowhere\n' | config
    fails
    says nowhere
    equal "$(asked ecr)" 0
}

@test "a custom endpoint is used as it is, FIPS or not" {
    terraform_only
    export HTTPS_PROXY=$LOCAL_ECR_PROXY AWS_USE_FIPS_ENDPOINT=true AWS_REGION=us-east-1
    works "endpoints { ecr = \"$LOCAL_ECR_URL\" }"
    host_was "${LOCAL_ECR_URL#http://}"
    AWS_ENDPOINT_URL_ECR=$LOCAL_ECR_URL again
}

@test "a custom endpoint cannot be dual-stack" {
    terraform_only
    AWS_ENDPOINT_URL_ECR=$LOCAL_ECR_URL AWS_ENDPOINT_URL_STS=$LOCAL_ECR_URL AWS_USE_DUALSTACK_ENDPOINT=true fails
    says "Dualstack and custom endpoint are not supported"
}

@test "STS in another region, by sts_region; with an endpoint of its own" {
    terraform_only
    export HTTPS_PROXY=$LOCAL_ECR_PROXY
    works "sts_region = \"us-west-2\"
assume_role { role_arn = \"$(role_arn push)\" }"
    equal "$(requests 'service=sts&operation=AssumeRole' | jq -r .host | sort -u)" sts.us-west-2.amazonaws.com
    host_was "$HOST"
}

# ---- Regions ----

# Without the state, which remembers the region of what is there.
afresh() {
    order reset-log
    rm -f terraform.tfstate
    terraform apply -auto-approve
}

region_was() { equal "$(requests service=ecr | jq -r .region | sort -u)" "$1"; }

@test "the region: provider block, AWS_REGION, AWS_DEFAULT_REGION, profile, in this order" {
    terraform_only
    export HTTPS_PROXY=$LOCAL_ECR_PROXY
    printf '[default]\nregion = us-west-1\n' | config
    AWS_REGION=us-east-2 AWS_DEFAULT_REGION=us-west-2 works 'region = "us-east-1"'
    region_was us-east-1
    configured
    AWS_REGION=us-east-2 AWS_DEFAULT_REGION=us-west-2 afresh
    region_was us-east-2
    unset AWS_REGION
    AWS_DEFAULT_REGION=us-west-2 afresh
    region_was us-west-2
    unset AWS_DEFAULT_REGION
    afresh
    region_was us-west-1
}

@test "no region at all" {
    terraform_only
    unset AWS_REGION AWS_DEFAULT_REGION
    AWS_EC2_METADATA_DISABLED=true fails
    says "Missing region"
    says AWS_REGION
}

@test "a region that does not exist, and one that cannot be" {
    terraform_only
    export HTTPS_PROXY=$LOCAL_ECR_PROXY
    fails 'region = "mars-north-1"'
    says mars-north-1
    points_at region
    AWS_REGION=mars-north-1 fails
    says mars-north-1
    says AWS_REGION
    local bad
    for bad in 'x.example.com/' 'eu central' 'a@b' '-eu' $'eu-west-1\nHost: x'; do
        AWS_REGION=$bad fails
        says AWS_REGION
        equal "$(requests)" ""
    done
    fails 'region = "eu-west-1\nX-Injected: 1"'
    points_at region
    equal "$(requests)" ""
}

@test "skip_region_validation takes a region by its form" {
    terraform_only
    SECONDS_AT_MOST=30 HTTPS_PROXY=$LOCAL_ECR_PROXY fails 'region = "eu-mars-1"
skip_region_validation = true
max_retries = 1'
    contains "$(requests service=proxy | jq -r .host)" eu-mars-1.amazonaws.com
    fails 'region = "x.example.com/"
skip_region_validation = true'
    points_at region
}

# ---- Arguments of hashicorp/aws's ----

@test "arguments of hashicorp/aws's that mean nothing here are taken with a warning" {
    ours_only "hashicorp/aws means something by them"
    HTTPS_PROXY=$LOCAL_ECR_PROXY works 's3_use_path_style = true
s3_us_east_1_regional_endpoint = "regional"'
    contains "$(<output.txt)" s3_use_path_style
}
