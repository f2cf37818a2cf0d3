#!/usr/bin/env bats
# What AWS and the network may do to a call, what is tried again and what is not, and what the state keeps.

load support/acceptance

one_repository() {
    configure <<'EOT'
resource "ecr_repository" "web" {
  name = "team/web"
}
EOT
}

# push NAME: an image, through the API alone.
push() {
    local config manifest digest
    config='{"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}}'
    printf %s "$config" >config.json
    digest=sha256:$(sha256sum <config.json | cut -d' ' -f1)
    local upload
    upload=$(aws ecr initiate-layer-upload --repository-name "$1" --query uploadId --output text)
    aws ecr upload-layer-part --repository-name "$1" --upload-id "$upload" --part-first-byte 0 \
        --part-last-byte $((${#config} - 1)) --layer-part-blob fileb://config.json
    aws ecr complete-layer-upload --repository-name "$1" --upload-id "$upload" --layer-digests "$digest"
    manifest=$(jq -nc --arg digest "$digest" --argjson size ${#config} \
        '{schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json",
          config: {mediaType: "application/vnd.oci.image.config.v1+json", digest: $digest, size: $size}, layers: []}')
    aws ecr put-image --repository-name "$1" --image-tag v1 --image-manifest "$manifest" \
        --image-manifest-media-type application/vnd.oci.image.manifest.v1+json
}

# ---- What AWS says no to ----

@test "a repository that exists already is refused with a hint at import" {
    aws ecr create-repository --repository-name team/web
    one_repository
    refuses apply
    says RepositoryAlreadyExistsException
    says "terraform import"
    points_at 'name = "team/web"'
    equal "$(calls CreateRepository)" 2 # aws-cli's and ours: no retry
    equal "$(terraform state list)" ""
}

@test "a repository that holds images is not destroyed, until force_delete is applied" {
    one_repository
    apply
    push team/web
    refuses destroy
    says RepositoryNotEmptyException
    says "force_delete = true"
    equal "$(terraform state list)" ecr_repository.web
    equal "$(tainted ecr_repository.web)" false
    settled

    sed -i 's|^}|  force_delete = true\n}|' main.tf
    apply
    destroy
    equal "$(aws ecr describe-repositories --query 'length(repositories)')" 0
}

@test "access denied shows AWS's message and the request's id, and is not tried again" {
    fault '{"kind": "error", "operation": "CreateRepository", "times": 0, "code": "AccessDeniedException",
        "message": "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: ecr:CreateRepository"}'
    one_repository
    refuses apply
    says "AccessDeniedException: User: arn:aws:iam::123456789012:user/ci is not authorized to perform: ecr:CreateRepository"
    says "request id $(requests operation=CreateRepository | jq -r .request_id)"
    says "IAM policy"
    equal "$(calls CreateRepository)" 1
}

@test "a read that is denied is an error of the plan, and the state stays" {
    one_repository
    apply
    fault '{"kind": "error", "operation": "DescribeRepositories", "times": 0, "code": "AccessDeniedException", "message": "not you"}'
    refuses plan
    says "AccessDeniedException: not you"
    equal "$(terraform state list)" ecr_repository.web
}

@test "a full quota is an error at once" {
    fault '{"kind": "error", "operation": "CreateRepository", "times": 0, "code": "LimitExceededException", "message": "too many"}'
    one_repository
    refuses apply
    says "LimitExceededException: too many"
    equal "$(calls CreateRepository)" 1
}

@test "an unknown key, a wrong secret and an expired session are errors with AWS's words" {
    expect_refusals
    one_repository
    AWS_ACCESS_KEY_ID=AKIANOBODYKNOWSTHIS refuses apply
    says UnrecognizedClientException
    AWS_SECRET_ACCESS_KEY=not/the-secret refuses apply
    says InvalidSignatureException
    says "secret key does not fit"
    lacks "$(<answer.json)" not/the-secret
    credential '{"access_key_id": "ASIAEXPIRED", "secret_access_key": "s", "token": "t", "expires_in": -1}'
    AWS_ACCESS_KEY_ID=ASIAEXPIRED AWS_SECRET_ACCESS_KEY=s AWS_SESSION_TOKEN=t refuses apply
    says ExpiredTokenException
    says "session has expired"
    equal "$(calls CreateRepository)" 3
}

@test "too many tags are refused at the tags" {
    configure <<'EOT'
resource "ecr_repository" "web" {
  name = "team/web"
  tags = { for i in range(51) : "key${i}" => "value" }
}
EOT
    refuses apply
    says TooManyTagsException
    points_at "tags ="
}

@test "a policy for a repository that does not exist is refused at the repository" {
    configure <<'EOT'
resource "ecr_lifecycle_policy" "web" {
  repository = "team/web"
  policy     = file("policy.json")
}
EOT
    cp "$CASES/keep-ten.json" policy.json
    refuses apply
    says RepositoryNotFoundException
    says "Create the repository first"
    points_at 'repository = "team/web"'
}

# ---- What is tried again ----

@test "throttling is tried again until it passes" {
    fault '{"kind": "error", "operation": "CreateRepository", "times": 3, "code": "ThrottlingException", "message": "Rate exceeded"}'
    one_repository
    apply
    equal "$(calls CreateRepository)" 4
    no_faults_left
    equal "$(requests operation=CreateRepository | jq -r .error | paste -sd ' ')" \
        "ThrottlingException ThrottlingException ThrottlingException null"
    settled
}

@test "errors of AWS's own are tried again, in reads and in writes" {
    local status
    for status in 500 502 503 504; do
        fault "{\"kind\": \"error\", \"operation\": \"(Create|Describe)Repositor.*\", \"status\": $status, \"code\": \"ServerException\"}"
    done
    fault '{"kind": "error", "operation": "DescribeRepositories", "status": 503, "body": "<html>not our JSON</html>"}'
    one_repository
    apply
    no_faults_left
    equal "$(calls CreateRepository)" 5
    fault '{"kind": "error", "operation": "DescribeRepositories", "status": 500, "code": "ServerException"}'
    settled
    no_faults_left
}

@test "a lost connection is tried again, before the request took effect" {
    fault '{"kind": "drop", "operation": "CreateRepository", "how": "rst"}'
    fault '{"kind": "drop", "operation": "CreateRepository", "how": "fin"}'
    one_repository
    apply
    no_faults_left
    equal "$(calls CreateRepository)" 3
    settled
}

@test "reads survive lost connections, cut answers and garbage" {
    one_repository
    apply
    forget_calls
    fault '{"kind": "drop", "operation": "DescribeRepositories", "how": "rst"}'
    fault '{"kind": "truncate", "operation": "DescribeRepositories"}'
    fault '{"kind": "garbage", "operation": "DescribeRepositories"}'
    fault '{"kind": "truncate", "operation": "ListTagsForResource", "bytes": 1}'
    settled
    no_faults_left
    equal "$(calls DescribeRepositories)" 6 # three plans, three retries
}

@test "an answer that comes byte by byte is read whole" {
    fault '{"kind": "slow", "operation": "CreateRepository", "seconds": 0.002}'
    one_repository
    apply
    no_faults_left
    settled
}

@test "a create whose answer was lost finds its own repository, tags and all, and keeps it" {
    configure <<'EOT'
resource "ecr_repository" "web" {
  name                 = "team/web"
  image_tag_mutability = "IMMUTABLE"
  tags                 = { owner = "us" }
}
EOT
    fault '{"kind": "drop", "operation": "CreateRepository", "when": "after"}'
    apply
    equal "$(calls CreateRepository)" 2
    equal "$(state ecr_repository.web .arn)" "\"$(arn_of team/web)\""
    equal "$(tainted ecr_repository.web)" false
    settled
}

@test "after a lost answer a repository that was there before, or is another one, is left alone" {
    aws ecr create-repository --repository-name team/web
    sleep 6 # the tolerance between two clocks
    one_repository
    fault '{"kind": "drop", "operation": "CreateRepository", "when": "before"}'
    refuses apply
    says RepositoryAlreadyExistsException
    says "was created before this operation began"
    says "terraform import"
    points_at 'name = "team/web"'
    equal "$(terraform state list)" ""
    aws ecr delete-repository --repository-name team/web

    aws ecr create-repository --repository-name team/web --image-tag-mutability IMMUTABLE
    fault '{"kind": "drop", "operation": "CreateRepository", "when": "before"}'
    refuses apply
    says "has another image_tag_mutability than is asked for"
    equal "$(terraform state list)" ""
    equal "$(repository team/web .imageTagMutability)" '"IMMUTABLE"'
}

@test "a rule whose answer was lost is kept, too" {
    configure <<'EOT'
resource "ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}
EOT
    fault '{"kind": "drop", "operation": "CreatePullThroughCacheRule", "when": "after"}'
    apply
    equal "$(calls CreatePullThroughCacheRule)" 2
    settled
}

@test "a create whose answer was cut finds what it made" {
    fault '{"kind": "truncate", "operation": "CreateRepository", "bytes": 20}'
    one_repository
    apply
    equal "$(calls CreateRepository)" 2
    equal "$(repository team/web .repositoryName)" '"team/web"'
    settled
}

@test "retries end: after AWS_MAX_ATTEMPTS the last error is shown with their number" {
    fault '{"kind": "error", "operation": "CreateRepository", "times": 0, "status": 500, "code": "ServerException", "message": "always"}'
    one_repository
    AWS_MAX_ATTEMPTS=3 refuses apply
    says "ServerException: always"
    says "after 3 attempts"
    equal "$(calls CreateRepository)" 3
}

@test "nobody at the other end is a clear error" {
    one_repository
    AWS_MAX_ATTEMPTS=2 AWS_ENDPOINT_URL_ECR=http://127.0.0.1:9 refuses apply
    says "127.0.0.1"
    lacks "$(<errors.txt)" "request id"
    nothing_was_asked
}

@test "a certificate that nobody vouches for is an error at once" {
    one_repository
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out other.pem \
        -subj /CN=other -days 1 2>/dev/null
    AWS_CA_BUNDLE=$PWD/other.pem refuses apply
    says certificate
    equal "$(calls CreateRepository)" 0
}

# ---- What the state keeps ----

@test "an update that fails half way keeps what succeeded, and the next apply does the rest" {
    one_repository
    apply
    configure <<'EOT'
resource "ecr_repository" "web" {
  name                 = "team/web"
  image_tag_mutability = "IMMUTABLE"
  tags                 = { owner = "us" }
  image_scanning_configuration { scan_on_push = true }
}
EOT
    fault '{"kind": "error", "operation": "PutImageScanningConfiguration", "code": "ValidationException", "message": "not now"}'
    refuses apply
    says "ValidationException: not now"
    equal "$(state ecr_repository.web '[.image_tag_mutability, .tags.owner, .image_scanning_configuration[0].scan_on_push]')" '["IMMUTABLE","us",false]'
    equal "$(tainted ecr_repository.web)" false
    forget_calls
    plan -refresh=false
    equal "$(action ecr_repository.web)" update
    apply tfplan
    equal "$(writes)" PutImageScanningConfiguration
    settled
}

@test "an update of tags that fails after the removal is repaired by the next apply" {
    configure <<'EOT'
variable "tags" {
  type    = map(string)
  default = { a = "1", b = "1" }
}
resource "ecr_repository" "web" {
  name = "team/web"
  tags = var.tags
}
EOT
    apply
    fault '{"kind": "error", "operation": "TagResource", "code": "InvalidTagParameterException", "message": "not now"}'
    refuses apply -var 'tags={"b":"2","c":"1"}'
    says "InvalidTagParameterException: not now"
    points_at tags
    apply -var 'tags={"b":"2","c":"1"}'
    equal "$(tags_of team/web)" '{"b":"2","c":"1"}'
    settled -var 'tags={"b":"2","c":"1"}'
}

@test "a create that AWS cannot confirm keeps the repository in the state" {
    fault '{"kind": "error", "operation": "DescribeRepositories", "times": 0, "code": "AccessDeniedException", "message": "no reading"}'
    one_repository
    apply || true
    equal "$(terraform state list)" ecr_repository.web
    equal "$(state ecr_repository.web .arn)" "\"$(arn_of team/web)\""
    order clear-faults
    apply
    settled
}

@test "a create whose answer lacks what it promises keeps the repository, tainted, and the next apply replaces it" {
    fault '{"kind": "error", "operation": "CreateRepository", "when": "after", "status": 200,
        "body": "{\"repository\": {\"repositoryName\": \"team/web\"}}"}'
    one_repository
    refuses apply
    says "AWS's answer has no arn"
    equal "$(tainted ecr_repository.web)" true
    equal "$(state ecr_repository.web '[.id, .name, .arn]')" '["team/web","team/web",null]'
    plan
    equal "$(action ecr_repository.web)" delete,create
    apply tfplan
    equal "$(tainted ecr_repository.web)" false
    settled
}

@test "a failed replacement keeps what there is, and the next apply makes the rest" {
    one_repository
    apply
    sed -i 's|team/web|team/api|' main.tf
    fault '{"kind": "error", "operation": "CreateRepository", "code": "LimitExceededException", "message": "too many"}'
    refuses apply
    says LimitExceededException
    equal "$(terraform state list)" ""
    apply
    settled
}

@test "one repository's failure leaves the others in the state" {
    configure <<'EOT'
resource "ecr_repository" "web" {
  for_each = toset(["one", "two", "three"])
  name     = "team/${each.key}"
}
EOT
    aws ecr create-repository --repository-name team/two
    refuses apply
    equal "$(terraform state list | paste -sd ' ')" 'ecr_repository.web["one"] ecr_repository.web["three"]'
}

@test "a delete that fails keeps the repository in the state" {
    one_repository
    apply
    fault '{"kind": "error", "operation": "DeleteRepository", "code": "AccessDeniedException", "message": "not you"}'
    refuses destroy
    says "AccessDeniedException: not you"
    equal "$(terraform state list)" ecr_repository.web
    destroy
}

@test "a policy and a rule that fail to be updated keep what they were" {
    configure <<'EOT'
resource "ecr_repository" "web" { name = "team/web" }
resource "ecr_lifecycle_policy" "web" {
  repository = ecr_repository.web.name
  policy     = file("policy.json")
}
EOT
    cp "$CASES/keep-ten.json" policy.json
    apply
    jq '.rules[0].selection.countNumber = 20' "$CASES/keep-ten.json" >policy.json
    fault '{"kind": "error", "operation": "PutLifecyclePolicy", "code": "ValidationException", "message": "not now"}'
    refuses apply
    says "ValidationException: not now"
    equal "$(state ecr_lifecycle_policy.web '.policy | fromjson | .rules[0].selection.countNumber')" 10
    apply
    settled
}
