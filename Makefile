# What people do here; every target is one command of dev/ or of cargo.
.DEFAULT_GOAL := help
.PHONY: help demo test openapi up down

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 20

demo: ## set everything up, play the life of a ticketing event, show its figures (DEMO_EXIT=1 ends after that)
	@dev/demo

test: ## set everything up, then check format, lints, tests, OpenAPI documents and chart
	@dev/test

openapi: ## write the OpenAPI documents anew from the code
	@cargo build --quiet -p analytics-ingest -p analytics-query
	@target/debug/analytics-ingest openapi > openapi/ingest.yaml
	@target/debug/analytics-query openapi > openapi/query.yaml

up: ## start TimescaleDB and RabbitMQ
	@dev/stack up

down: ## stop them; the data stays
	@dev/stack down
