# What people do here; every target is one command of dev/ or of cargo.
.DEFAULT_GOAL := help
.PHONY: help demo test bench-ingest bench-query openapi up down

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20

demo: ## set everything up, play the life of a ticketing event, show its figures (DEMO_EXIT=1 ends after that)
	@dev/demo

test: ## set everything up, then check format, lints, tests, OpenAPI documents and chart
	@dev/test

bench-ingest: ## measure how fast facts are taken, beside floors of the same run (docs/PERFORMANCE.md)
	@dev/bench-ingest

bench-query: ## measure how fast figures and exports of 10 million facts are, beside plain SQL (docs/PERFORMANCE.md)
	@dev/bench-query

openapi: ## write the OpenAPI documents anew from the code
	@for tier in ingest query; do \
	  cargo run --quiet -p analytics-$$tier -- openapi > openapi/$$tier.yaml.new \
	  && mv openapi/$$tier.yaml.new openapi/$$tier.yaml || exit 1; \
	done

up: ## start TimescaleDB and RabbitMQ
	@dev/stack up

down: ## stop them; the data stays
	@dev/stack down
