#!/usr/bin/env bats
# A sample of the fault matrix; "make matrix" runs all of it.

@test "every 40th cell of the fault matrix holds" {
    cd "$BATS_TEST_DIRNAME/.."
    acceptance-tests/matrix/run --quick 40
}
