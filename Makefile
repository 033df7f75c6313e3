# The commands of development; every target runs one command of dev/ or of cargo.
.DEFAULT_GOAL := help
.PHONY: help demo test test-full bench-ingest bench-query bench-page load-test sbom openapi up down

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20

demo: ## simulate a ticketing event on real servers and print its figures (DEMO_EXIT=1 ends after that)
	@dev/demo

test: ## check format, lints, vocabulary, layout, tests, OpenAPI documents and chart
	@dev/test

test-full: ## run `make test`, build the images from the sources, and a million random cases of each fuzz test (two hours)
	@dev/test-full

bench-ingest: ## measure write throughput (docs/PERFORMANCE.md)
	@dev/bench-ingest

bench-query: ## measure read latency and export throughput (docs/PERFORMANCE.md)
	@dev/bench-query

bench-page: ## measure how long the page takes in Chromium (docs/PERFORMANCE.md)
	@dev/bench-page

load-test: ## attack the services and measure the responses to others meanwhile (docs/SECURITY.md)
	@dev/load-test

sbom: ## write a software bill of materials (CycloneDX) of each program to target/sbom
	@dev/sbom

openapi: ## generate the OpenAPI documents from the code
	@for tier in ingest query; do \
	  cargo run --quiet -p analytics-$$tier -- openapi > openapi/$$tier.yaml.new \
	  && mv openapi/$$tier.yaml.new openapi/$$tier.yaml || exit 1; \
	done

up: ## start TimescaleDB and RabbitMQ
	@dev/stack up

down: ## stop them and keep the data
	@dev/stack down
