.DEFAULT_GOAL := help
.PHONY: help run demo build test race fuzz bench load explain chaos drill reminders lint fmt generate ci

version := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
tool    := go tool -modfile=tools/go.mod

help: ## Print this
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: demo ## The same as demo

demo: ## Everything embedded and simulated, on http://127.0.0.1:8080
	go run ./cmd/vetalyze demo

build: ## The static binary, in bin/
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(version)" -o bin/vetalyze ./cmd/vetalyze

test: ## All tests; they bring their own PostgreSQL
	go test ./...

race: ## All tests under the race detector
	go test -race ./...

fuzz: ## Every fuzz target for FUZZTIME (10s), then a table; TARGETS= chooses some
	.ci/fuzz

bench: ## Every question, then the load of a day, against BENCH_DATABASE_URL or a small database made for it
	go test -run '^$$' -bench . -benchtime 2000x ./bench
	$(MAKE) load

load: ## Only the real bot under the load of a day; ARGS="-rate 500 -for 30s"
	go run ./bench/load $(ARGS)

explain: ## docs/explain.md, from BENCH_DATABASE_URL
	go test ./bench -run Explain -explain ../docs/explain.md

chaos: ## Break everything while staff are at work, and audit what is left; CHAOS_MINUTES=10
	CHAOS_MINUTES=$(or $(CHAOS_MINUTES),10) go test ./chaos -run Chaos -count 1 -timeout 5h -v

drill: ## Take backups, restore them, check and chat; CLINICS= and OWNERS= make it large
	DRILL_CLINICS=$(CLINICS) DRILL_OWNERS=$(OWNERS) go test ./cmd/vetalyze -run 'RestoreDrill|PartitionedCopy' -count 1 -timeout 2h -v

reminders: ## A year of 1,000 clinics, 50 kills in 5,000 deliveries, 100,000 planned at once, the pace of delivery; about half an hour
	YEAR_CLINICS=1000 PLAN_DUE=100000 go test ./internal/reminder -run 'Year|ManyAtOnce' -count 1 -timeout 2h -v
	KILL_DELIVERIES=5000 KILLS=50 KILL_PACE=30 PACE_DELIVERIES=2000 go test ./cmd/vetalyze -run 'Delivering|Pace' -count 1 -timeout 1h -v -parallel 1

lint: ## Vet and staticcheck
	go vet ./...
	$(tool) staticcheck ./...

fmt: ## Format all code
	$(tool) gofumpt -w .

generate: ## Go from queries/*.sql
	CGO_ENABLED=0 go tool sqlc generate

ci: ## All that must hold before a change goes in
	.ci/run
