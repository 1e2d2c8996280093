# Short commands; each target installs the packages that it lacks (Debian 12).
PREFIX ?= /usr/local
export DESTDIR

# run_inbox NAME: a script of the inbox example, given the build directory.
run_inbox = @if [ -x examples/inbox/$(1) ]; \
  then examples/inbox/$(1) build/release; \
  else echo "skipped: $@ (no examples/inbox/$(1))"; fi

help: ## show this
	@sed -n 's/^\([a-z-]*\):.* ## /\1\t/p' Makefile | expand -t 14

release:
	@scripts/setup build
	@cmake --preset release
	@cmake --build --preset release

inbox: # only what the example needs
	@scripts/setup demo
	@cmake --preset release
	@cmake --build --preset release --target inbox

demo: inbox ## build, then watch the inbox example work
	$(call run_inbox,demo)

serve: inbox ## build, then serve the inbox example until Ctrl-C
	$(call run_inbox,serve)

test: ## all tests and checks, from fast to slow
	@scripts/setup test
	@scripts/test

nightly: ## planted faults, long fuzzing and soaks: hours
	@scripts/setup test
	@scripts/nightly

bench: ## measure what a call costs, in weft, rawecho and rivals
	@scripts/setup bench
	@$(MAKE) --no-print-directory release
	@scripts/bench

bench-report: ## measure, then write docs/benchmarks.md and its plots
	@scripts/setup report
	@$(MAKE) --no-print-directory release
	@scripts/bench --report

format: ## format the C, write docs/reference.md
	@scripts/setup lint
	@scripts/check-format --write
	@scripts/check-docs --write

lint: ## run clang-tidy on src, compiler and examples
	@scripts/setup lint
	@scripts/lint

clean: ## remove build/
	@rm -rf build

install: ## install into PREFIX (/usr/local), below DESTDIR if set
	@scripts/setup build
	@cmake --preset release
	@cmake --build --preset release --target installed
	@cmake --install build/release --prefix $(PREFIX)

.PHONY: help release inbox demo serve test nightly bench bench-report format lint clean install
