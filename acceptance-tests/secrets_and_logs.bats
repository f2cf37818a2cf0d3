#!/usr/bin/env bats
# What the log tells, and what nothing ever tells.

load support/acceptance

# Everything that one run leaves behind: log, output, plan, state.
everything() { cat log.txt output.txt plan.json terraform.tfstate errors.txt answer.json 2>/dev/null; }

@test "no secret and no session token appears in log, output, plan or state" {
    local secret=SecretThatNobodyMaySee/1+2 token=TokenThatNobodyMaySee//abc==
    credential "{\"access_key_id\": \"ASIASESSION\", \"secret_access_key\": \"$secret\", \"token\": \"$token\"}"
    unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
    export TF_LOG=TRACE TF_LOG_PATH=log.txt
    configure <<'EOT'
resource "ecr_repository" "web" { name = "team/web" }
EOT
    export AWS_ACCESS_KEY_ID=ASIASESSION AWS_SECRET_ACCESS_KEY=$secret AWS_SESSION_TOKEN=$token
    plan >output.txt 2>&1
    apply tfplan >>output.txt 2>&1
    unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN

    # The same from the provider block, where terraform itself handles them, and from a shared file.
    mkdir block file
    cp versions.tf block
    cat >block/main.tf <<EOT
provider "ecr" {
  access_key = "ASIASESSION"
  secret_key = "$secret"
  token      = "$token"
}
resource "ecr_repository" "web" { name = "team/block" }
EOT
    (cd block && TF_LOG_PROVIDER=TRACE TF_LOG='' apply) >>output.txt 2>&1
    cp versions.tf file
    printf '[default]\naws_access_key_id = ASIASESSION\naws_secret_access_key = %s\naws_session_token = %s\n' "$secret" "$token" >credentials
    printf 'resource "ecr_repository" "web" { name = "team/file" }\n' >file/main.tf
    (cd file && AWS_SHARED_CREDENTIALS_FILE=../credentials apply) >>output.txt 2>&1

    equal "$(calls CreateRepository)" 3
    (($(wc -l <log.txt) > 100))
    # terraform logs the provider block's own values nowhere either.
    cat block/log.txt file/log.txt block/terraform.tfstate file/terraform.tfstate >>log.txt
    lacks "$(everything)" "$secret"
    lacks "$(everything)" "$token"
    lacks "$(everything)" Signature=
}

@test "no secret appears when AWS refuses it" {
    expect_refusals
    local secret=SecretThatNobodyMaySee/1+2
    configure <<EOT
provider "ecr" {
  access_key = "AKIALOCALECRTESTONLY"
  secret_key = "$secret"
}
resource "ecr_repository" "web" { name = "team/web" }
EOT
    TF_LOG=TRACE TF_LOG_PATH=log.txt refuses apply
    says InvalidSignatureException
    lacks "$(everything)" "$secret"
}

@test "half a pair of keys is reported without the secret" {
    configure <<'EOT'
variable "secret" { default = "SecretThatNobodyMaySee" }
provider "ecr" { secret_key = var.secret }
resource "ecr_repository" "web" { name = "team/web" }
EOT
    TF_LOG=TRACE TF_LOG_PROVIDER=TRACE TF_LOG_CORE=OFF TF_LOG_PATH=log.txt refuses plan
    says access_key
    lacks "$(everything)" SecretThatNobodyMaySee
}

@test "each call of AWS is one line of the log, with operation, status, request id, duration and attempt" {
    configure <<'EOT'
resource "ecr_repository" "web" { name = "team/web" }
EOT
    fault '{"kind": "error", "operation": "CreateRepository", "times": 1, "status": 500, "code": "ServerException", "message": "try again"}'
    TF_LOG=DEBUG TF_LOG_PATH=log.txt apply
    grep 'AWS API call' log.txt >calls.txt
    equal "$(wc -l <calls.txt)" "$(requests service=ecr | wc -l)"
    local id
    for id in $(requests service=ecr | jq -r .request_id); do
        equal "$(grep -c "request_id=$id" calls.txt)" 1
    done
    equal "$(grep -c 'operation=CreateRepository' calls.txt)" 2
    grep operation=CreateRepository calls.txt | grep status=500 | grep attempt=1 | grep error_code=ServerException
    grep operation=CreateRepository calls.txt | grep status=200 | grep attempt=2
    run ! grep -vE 'duration_ms=[0-9]+' calls.txt
}

@test "the log is JSON for those who ask for JSON" {
    configure <<'EOT'
resource "ecr_repository" "web" { name = "team/web" }
EOT
    TF_LOG=JSON TF_LOG_PATH=log.txt apply
    jq -es 'map(select(."@message" == "AWS API call")) | length > 0 and all(.operation and .status and .request_id and .attempt and (.duration_ms != null))' log.txt
}

@test "nothing is logged when nobody asks, and TF_LOG_PROVIDER=OFF silences the provider" {
    configure <<'EOT'
resource "ecr_repository" "web" { name = "team/web" }
EOT
    apply >output.txt 2>&1
    lacks "$(<output.txt)" "AWS API call"
    TF_LOG=TRACE TF_LOG_PROVIDER=OFF TF_LOG_PATH=log.txt terraform plan
    lacks "$(<log.txt)" "AWS API call"
    TF_LOG=INFO TF_LOG_PATH=info.txt terraform plan
    lacks "$(<info.txt)" "AWS API call"
}
