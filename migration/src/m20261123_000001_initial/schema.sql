CREATE EXTENSION IF NOT EXISTS timescaledb;
CREATE SCHEMA analytics_service;
