# terraform-provider-ecr. `make help` lists what there is; everything made goes to build/.

VERSION  := $(shell cat VERSION)
BUILD    ?= build
CC        = gcc
PACKAGES  = grpc libprotobuf-c msgpack libcjson libcurl openssl expat

# Asked once, when they are first needed.
PACKAGES_CFLAGS = $(eval PACKAGES_CFLAGS := $(shell pkg-config --cflags $(PACKAGES)))$(PACKAGES_CFLAGS)
PACKAGES_LIBS   = $(eval PACKAGES_LIBS := $(shell pkg-config --libs $(PACKAGES)))$(PACKAGES_LIBS)

WARNINGS  = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wvla \
            -Wwrite-strings -Werror
CPPFLAGS  = -D_GNU_SOURCE -DPROVIDER_VERSION='"$(VERSION)"' -Iprovider -I. -I$(BUILD)/proto \
            $(PACKAGES_CFLAGS)
CFLAGS    = -std=gnu17 -g -O2 -fstack-protector-strong -D_FORTIFY_SOURCE=2
LIBS      = $(PACKAGES_LIBS) -lpthread -lm
LINK      = $(CC)
SANITIZE  = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer

BENCH     = $(addprefix $(BUILD)/bench/, measure launcher stub)

# V=1 shows the commands.
Q         = $(if $(V),,@)
SAY       = $(if $(V),@:,@printf '  %-8s %s\n')

PROTOS    = $(notdir $(basename $(wildcard proto/*.proto)))
SOURCES   = $(filter-out %_test.c provider/base/test_main.c provider/main.c provider/fuzz/%, \
            $(wildcard provider/*/*.c schema/*.c))
TARGETS   = $(filter-out %_test.c, $(wildcard provider/fuzz/*.c))
TESTS     = $(wildcard provider/*_test.c provider/*/*_test.c) provider/base/test_main.c
GENERATED = $(PROTOS:%=$(BUILD)/proto/%.pb-c.c)

# Printed by a program of the build, so that a build for another machine takes that of one for this machine.
PACKED    = $(BUILD)/packed.c
PACK      = $(BUILD)/pack

BINARY    = $(BUILD)/terraform-provider-ecr
OBJECTS   = $(SOURCES:%.c=$(BUILD)/obj/%.o) $(GENERATED:%.c=%.o)
UNIT      = $(BUILD)/unit/run
UNIT_OBJECTS = $(SOURCES:%.c=$(BUILD)/unit/%.o) $(TARGETS:%.c=$(BUILD)/unit/%.o) \
            $(TESTS:%.c=$(BUILD)/unit/%.o) $(GENERATED:%.c=%.o) $(BUILD)/packed.o
ASAN      = $(BUILD)/asan/terraform-provider-ecr
ASAN_OBJECTS = $(BUILD)/unit/provider/main.o $(SOURCES:%.c=$(BUILD)/unit/%.o) $(GENERATED:%.c=%.o) \
            $(BUILD)/packed.o
TSAN      = $(BUILD)/tsan/terraform-provider-ecr
TSAN_FLAGS = -std=gnu17 -g -O1 -fno-omit-frame-pointer -fsanitize=thread
TSAN_OBJECTS = $(BUILD)/tsan/provider/main.o $(SOURCES:%.c=$(BUILD)/tsan/%.o) \
            $(BUILD)/tsan/acceptance-tests/sanitizers/grpc_order.o $(GENERATED:%.c=%.o) $(BUILD)/packed.o
TSAN_WRAPS = grpc_call_start_batch grpc_server_request_call grpc_completion_queue_next
FUZZ      = $(BUILD)/fuzz/run
FUZZ_CC   = clang-14
FUZZ_OBJECTS = $(SOURCES:%.c=$(BUILD)/fuzz/%.o) $(TARGETS:%.c=$(BUILD)/fuzz/%.o) \
            $(BUILD)/fuzz/provider/aws/fake_test.o \
            $(GENERATED:%.c=%.o)
COVERAGE_RUN = $(BUILD)/coverage/run
COVERAGE_OBJECTS = $(SOURCES:%.c=$(BUILD)/coverage/%.o) $(TARGETS:%.c=$(BUILD)/coverage/%.o) \
            $(TESTS:%.c=$(BUILD)/coverage/%.o) $(GENERATED:%.c=%.o) $(BUILD)/packed.o

.PHONY: all build deps demo test check unit fuzz coverage acc matrix oracle docs docs-check fmt lint layers bench bench-quick bench-profile bench-docs release install clean help
.SECONDARY:

all: build

help:                   ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## */\1\t/p' Makefile | expand -t 14

demo: deps-demo         ## the whole lab against a local ECR (KEEP=1 leaves it running)
	@$(MAKE) --no-print-directory -j2 build
	@scripts/demo

test: deps-test         ## lint, unit tests, acceptance tests; ends with "N passed, M failed"
	@$(MAKE) --no-print-directory -j2 build
	@scripts/test

check: deps-test        ## the long run: sanitizers, valgrind, analyzers, memory (CHECK=name picks a stage)
	@$(MAKE) --no-print-directory -j2 build
	@scripts/check

build: $(BINARY)        ## build/terraform-provider-ecr

unit: $(UNIT)           ## unit tests under ASan and UBSan (T=name picks some)
	@$(UNIT) $(T)

fuzz: $(FUZZ)           ## fuzzes each target for FUZZ_S seconds (60); FUZZ_T=name picks one
	@scripts/fuzz

coverage: $(COVERAGE_RUN) ## lines and branches the unit tests run, per folder (COVERAGE=list names the rest)
	@scripts/coverage $(BUILD)/coverage

acc: build              ## acceptance tests with the real terraform (T=file picks one)
	@scripts/acceptance $(T)

matrix: build           ## every call with every fault in every step: docs/RELIABILITY.md (M='--quick 20': a part)
	@acceptance-tests/matrix/run $(or $(M),--write docs/RELIABILITY.md)

oracle:                 ## records anew what hashicorp/aws makes of the scenarios (PEER_MIRROR)
	@acceptance-tests/local-ecr/run --no-registry -- scripts/python acceptance-tests/parity/record.py

docs: build             ## writes docs/ from the tables in schema/
	@$(BINARY) --docs docs

docs-check: build       ## fails when docs/ is not what the tables say
	@scripts/docs-check

release:                ## static binaries, packed for the Registry, in build/release (GPG_KEY=id signs, RELEASE_ARCH=amd64 picks)
	@scripts/deps release
	@scripts/release

bench: deps-bench       ## the release beside hashicorp/aws (PEER_MIRROR) and Terraform alone: 10 minutes
	@$(MAKE) --no-print-directory $(BENCH)
	@bench/run full

bench-quick: deps-bench ## the same in less than a minute, mostly without hashicorp/aws
	@$(MAKE) --no-print-directory $(BENCH)
	@bench/run quick

bench-profile: deps-bench ## where the time of a plan goes, sampled by perf: 2 minutes
	@$(MAKE) --no-print-directory $(BENCH)
	@bench/run profile

bench-docs:             ## writes docs/BENCHMARKS.md and its picture from build/bench.json and build/profile.json
	@scripts/python bench/page.py

install:                ## puts the provider where terraform finds it: the current release, or else a plain build
	@scripts/install

fmt:                    ## formats all C and Terraform files
	@clang-format -i provider/*.c provider/*/*.[ch] schema/*.[ch] bench/*.[ch]
	@terraform fmt -recursive examples acceptance-tests bench >/dev/null

lint: $(GENERATED)      ## formatting, static analysis, include rules, function length
	@scripts/lint

layers:                 ## who includes whom, against provider/LAYERS
	@scripts/layers

clean:                  ## removes build/
	rm -rf $(BUILD)

deps:                   ## installs what building and testing need
	@scripts/deps build demo test

deps-%:
	@scripts/deps build $*

$(BINARY): $(BUILD)/obj/provider/main.o $(BUILD)/packed.o $(OBJECTS) $(MORE_OBJECTS)
	$(SAY) LINK $@
	$(Q)$(LINK) $(LDFLAGS) -o $@ $^ $(LIBS)

$(PACK): $(BUILD)/obj/provider/pack.o $(OBJECTS) $(MORE_OBJECTS)
	$(SAY) LINK $@
	$(Q)$(LINK) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/packed.c: $(PACK)
	$(SAY) PACK $@
	$(Q)$< >$@.new && mv $@.new $@

$(BUILD)/packed.o: $(PACKED)
	$(SAY) CC $<
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(UNIT): $(UNIT_OBJECTS)
	$(SAY) LINK $@
	$(Q)$(CC) $(CFLAGS) $(SANITIZE) -o $@ $^ $(LIBS) -lcmocka

$(ASAN): $(ASAN_OBJECTS)
	@mkdir -p $(@D)
	$(SAY) LINK $@
	$(Q)$(CC) $(SANITIZE) -o $@ $^ $(LIBS)

$(TSAN): $(TSAN_OBJECTS)
	$(SAY) LINK $@
	$(Q)$(CC) $(TSAN_FLAGS) $(TSAN_WRAPS:%=-Wl,--wrap=%) -o $@ $^ $(LIBS)

$(BUILD)/obj/%.o: %.c Makefile VERSION | $(GENERATED)
	@mkdir -p $(@D)
	$(SAY) CC $<
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(WARNINGS) -MMD -MP -c -o $@ $<

$(BUILD)/unit/%.o: %.c Makefile VERSION | $(GENERATED)
	@mkdir -p $(@D)
	$(SAY) CC '$< (unit)'
	$(Q)$(CC) $(CPPFLAGS) -DARENA_DEBUG $(CFLAGS) $(SANITIZE) $(WARNINGS) -MMD -MP -c -o $@ $<

$(BUILD)/tsan/%.o: %.c Makefile VERSION | $(GENERATED)
	@mkdir -p $(@D)
	$(SAY) CC '$< (tsan)'
	$(Q)$(CC) $(CPPFLAGS) $(TSAN_FLAGS) $(WARNINGS) -MMD -MP -c -o $@ $<

$(FUZZ): $(FUZZ_OBJECTS)
	$(SAY) LINK $@
	$(Q)$(FUZZ_CC) $(SANITIZE) -fsanitize=fuzzer -o $@ $^ $(LIBS) -lcmocka

$(BUILD)/fuzz/%.o: %.c Makefile VERSION | $(GENERATED)
	@mkdir -p $(@D)
	$(SAY) CC '$< (fuzz)'
	$(Q)$(FUZZ_CC) $(CPPFLAGS) -DARENA_DEBUG -std=gnu17 -g -O1 $(SANITIZE) \
	    -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<

$(COVERAGE_RUN): $(COVERAGE_OBJECTS)
	$(SAY) LINK $@
	$(Q)$(CC) --coverage -o $@ $^ $(LIBS) -lcmocka

$(BUILD)/coverage/%.o: %.c Makefile VERSION | $(GENERATED)
	@mkdir -p $(@D)
	$(SAY) CC '$< (coverage)'
	$(Q)$(CC) $(CPPFLAGS) -DARENA_DEBUG -std=gnu17 -g -O0 --coverage -fprofile-update=atomic \
	    -MMD -MP -c -o $@ $<

$(BUILD)/bench/%: bench/%.c Makefile
	@mkdir -p $(@D)
	$(SAY) CC $<
	$(Q)$(CC) -D_GNU_SOURCE $(CFLAGS) $(WARNINGS) -static -o $@ $<

$(BUILD)/bench/stub: bench/stub.c bench/answers.c bench/answers.h Makefile
	@mkdir -p $(@D)
	$(SAY) CC $@
	$(Q)$(CC) -D_GNU_SOURCE $(CFLAGS) $(WARNINGS) -o $@ bench/stub.c bench/answers.c -lcjson

$(BUILD)/proto/%.pb-c.o: $(BUILD)/proto/%.pb-c.c
	$(SAY) CC $<
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(BUILD)/proto/%.pb-c.c: proto/%.proto
	@mkdir -p $(@D)
	$(SAY) PROTOC $<
	$(Q)protoc-c --proto_path=proto --c_out=$(@D) $<

-include $(shell find $(BUILD) -path '*/static' -prune -o -name '*.d' -print 2>/dev/null)
