#!/usr/bin/env bats
# What "make bench" stands on: its driver from one end to the other, without a judgement of times; the stub, beside the
# local ECR; and that terraform's memory and the provider's are told apart.

load support/acceptance

BUILD=$TOP/build/bench

setup_file() {
    start_file --no-registry
    make -C "$TOP" --no-print-directory build/bench/measure build/bench/launcher build/bench/stub
}

# start_stub [MS]: $stub is its URL. It ends with its stdin, which is a pipe that only this shell keeps open.
start_stub() {
    mkfifo stdin
    "$BUILD/stub" "${1:-0}" <stdin >port.txt 3>&- 4>&- &
    stub_pid=$!
    started+=("$stub_pid")
    exec {stdin}>stdin
    eventually 5 test -s port.txt
    stub=http://127.0.0.1:$(<port.txt)
}

end_stub() { exec {stdin}>&-; }

stub_calls() { curl --silent --max-time 5 "$stub/counters" | jq -r ".calls.$1 // 0"; }

@test "the bench runs from one end to the other, and a page and a picture are made of it" {
    PROVIDER_BINARY=$PROVIDER BENCH_JSON=$PWD/bench.json "$TOP/bench/run" smoke >tables.txt
    contains "$(<tables.txt)" "plan of the lab, beside Terraform's floor"
    jq -r '.rows[] | "\(.subject) \(.step)"' bench.json | sort -u | paste -sd , >steps.txt
    equal "$(<steps.txt)" "$(printf '%s,' floor\ {apply,lab,plan,refresh,"refresh from afar",validate} \
        ours\ {apply,handshake,lab,plan,refresh,"refresh from afar",validate} | sed 's/,$//')"
    jq -e '[.rows[] | .wall_ms > 0 and .cpu_ms > 0] | all' bench.json
    jq -e '[.rows[] | select(.subject == "ours") | .provider_peak_kib > 1000 and .provider_peak_kib < 1000000] | all' bench.json
    equal "$(jq -c '[.rows[] | select(.subject == "ours" and .step == "refresh" and .repositories == 5) | .calls.GetLifecyclePolicy]' bench.json)" "[5,5]"
    equal "$(jq -c '[.rows[] | select(.subject == "floor") | .calls | length] | unique' bench.json)" "[0]"
    equal "$(jq -r '.goals | length' bench.json)" 11

    "$TOP/scripts/python" "$TOP/bench/page.py" bench.json .
    contains "$(<BENCHMARKS.md)" "$(jq -r .machine.cpu bench.json)"
    "$TOP/scripts/python" -c 'import xml.dom.minidom; xml.dom.minidom.parse("benchmarks.svg")'
    grep -q 'Plan of the lab' benchmarks.svg
}

# both ARGUMENTS: what "aws ecr" says of the local ECR and of the stub, times apart.
both() {
    aws ecr "$@" >local.json 2>local.err || true
    aws ecr --endpoint-url "$stub" "$@" >stub.json 2>stub.err || true
    equal "$(told stub)" "$(told local)"
}

told() {
    jq -cS 'walk(if type == "object" then del(.createdAt, .updatedAt, .lastEvaluatedAt) else . end)' "$1.json"
    grep -o '(.*Exception)' "$1.err" || true
}

@test "the stub answers as the local ECR does" {
    start_stub
    both create-repository --repository-name team/web --tags Key=owner,Value=us
    both create-repository --repository-name team/scanned --image-scanning-configuration scanOnPush=true \
        --image-tag-mutability IMMUTABLE
    both create-repository --repository-name team/web
    both describe-repositories --repository-names team/scanned team/web
    both describe-repositories --repository-names team/web team/none
    both list-tags-for-resource --resource-arn "arn:aws:ecr:$AWS_REGION:$LOCAL_ECR_ACCOUNT:repository/team/web"
    both list-tags-for-resource --resource-arn "arn:aws:ecr:$AWS_REGION:$LOCAL_ECR_ACCOUNT:repository/team/none"
    both get-lifecycle-policy --repository-name team/web
    both put-lifecycle-policy --repository-name team/web --lifecycle-policy-text "$(jq -c . "$CASES/keep-ten.json")"
    both get-lifecycle-policy --repository-name team/web
    both put-lifecycle-policy --repository-name team/none --lifecycle-policy-text "$(jq -c . "$CASES/keep-ten.json")"
    both create-pull-through-cache-rule --ecr-repository-prefix quay --upstream-registry-url quay.io
    both describe-pull-through-cache-rules --ecr-repository-prefixes quay
    both describe-pull-through-cache-rules --ecr-repository-prefixes quay none
    aws sts --endpoint-url "$stub" get-caller-identity >identity.json
    equal "$(jq -r .Account identity.json)" "$LOCAL_ECR_ACCOUNT"
    end_stub
}

@test "the stub counts, forgets, refuses what it does not know, and ends with its stdin" {
    start_stub
    aws ecr --endpoint-url "$stub" create-repository --repository-name team/web
    aws ecr --endpoint-url "$stub" describe-repositories --repository-names team/web
    run aws ecr --endpoint-url "$stub" describe-images --repository-name team/web
    contains "$output" UnknownOperationException
    equal "$(stub_calls DescribeRepositories) $(stub_calls unknown)" "1 1"
    equal "$(curl --silent "$stub/counters" | jq .connections)" 3
    curl --silent --data '' "$stub/reset"
    curl --silent --data '' "$stub/forget"
    equal "$(stub_calls DescribeRepositories)" 0
    run aws ecr --endpoint-url "$stub" describe-repositories --repository-names team/web
    contains "$output" RepositoryNotFoundException
    end_stub
    eventually 5 gone "$stub_pid"
}

@test "a stub that is far away answers late, also when some do not wait for it" {
    start_stub 300
    run curl --silent --max-time 0.1 --header 'X-Amz-Target: E.DescribeRepositories' --data '{}' "$stub/"
    equal "$status" 28
    curl --silent --header 'X-Amz-Target: E.DescribeRepositories' --data '{}' --write-out ' %{time_total}' "$stub/" >answer.txt
    cat answer.txt
    equal "$(awk '{ print $1, ($2 >= 0.3) }' answer.txt)" '{"repositories":[]} 1'
    equal "$(stub_calls DescribeRepositories)" 2
    end_stub
    eventually 5 gone "$stub_pid"
}

@test "what the provider takes is told apart from what terraform takes" {
    cp "$BUILD/launcher" launcher
    cat >provider <<'EOT'
#!/usr/bin/env python3
held = bytearray(200 * 1024 * 1024)
EOT
    chmod +x provider
    "$BUILD/measure" measured.txt sh -c './launcher; ./launcher; exit 0'
    cat measured.txt
    equal "$(awk '$1 == "other" && $4 > 200 * 1024' measured.txt | wc -l)" 2
    equal "$(awk '$1 == "command" && $4 < 50 * 1024 && $5 == 0' measured.txt | wc -l)" 1
    "$BUILD/measure" --line measured.txt sh -c 'echo; exec sleep 60'
    equal "$(awk '{ print $1, $2 < 30000000, $5 }' measured.txt)" "command 1 0"
}

@test "functions of terraform, and the library of each part of the provider, are found by their addresses" {
    release=$TOP/build/release-work/$(dpkg --print-architecture)
    [[ -e $release/map ]] || skip "no release was built"
    nm "$release/terraform-provider-ecr" >names.txt
    cat >look.py <<'EOT'
import sys

sys.path.insert(0, sys.argv[1] + "/bench")
from symbols import go_functions, linked_files

functions = go_functions(sys.argv[2])
print(functions.find(functions.starts[functions.names.index("main.main")] + 1))
places = {words[2]: int(words[0], 16) for words in map(str.split, open("names.txt")) if len(words) == 3}
parts = linked_files(sys.argv[3])
print(*(parts.find(places[name] + 1).split("/")[-1] for name in ("plugin_serve", "SSL_CTX_new", "grpc_init", "malloc")), sep="\n")
EOT
    "$TOP/scripts/python" look.py "$TOP" "$(realpath "$(type -P terraform)")" "$release/map" >found.txt
    equal "$(<found.txt)" "main.main
serve.o
libssl.a(libssl-lib-ssl_lib.o)
libgrpc.a(init.cc.o)
libc.a(malloc.o)"
}
