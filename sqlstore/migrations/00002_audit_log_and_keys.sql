-- Both databases read this file. SORTED_TEXT is a domain that PostgreSQL is given in step 1 (text in the order of its
-- bytes); SQLite takes any name that holds TEXT for text, and orders that by its bytes anyway. A column of type BYTEA
-- keeps bytes as they are in both. Times are milliseconds since 1970, UTC.

-- +goose Up
CREATE TABLE predictions (
    id                 SORTED_TEXT PRIMARY KEY, -- a ULID: begins with the time
    at                 BIGINT NOT NULL,
    caller             TEXT NOT NULL,
    route              TEXT NOT NULL,
    patient            TEXT NOT NULL,
    model_name         TEXT NOT NULL,
    model_version      TEXT NOT NULL,
    model_sha256       TEXT NOT NULL,
    input_sha256       TEXT NOT NULL,
    input              BYTEA, -- NULL unless inputs are kept in full
    output             TEXT NOT NULL,
    hour               BIGINT, -- NULL when it was not given
    probability        DOUBLE PRECISION NOT NULL,
    label              TEXT NOT NULL,
    alert              BOOLEAN NOT NULL,
    band               TEXT NOT NULL,
    reliability        TEXT NOT NULL,
    latency            BIGINT NOT NULL, -- nanoseconds
    shadow_name        TEXT, -- this and the others NULL when no second model ran
    shadow_version     TEXT,
    shadow_sha256      TEXT,
    shadow_probability DOUBLE PRECISION,
    shadow_label       TEXT,
    told               BIGINT NOT NULL DEFAULT 0 -- how many outcomes and how much feedback came since
);

CREATE INDEX predictions_by_patient ON predictions (patient, id);

CREATE TABLE outcomes (
    prediction  SORTED_TEXT NOT NULL REFERENCES predictions (id) ON DELETE CASCADE,
    position    BIGINT NOT NULL, -- predictions.told when it came
    at          BIGINT NOT NULL,
    caller      TEXT NOT NULL,
    septic      BOOLEAN NOT NULL,
    onset_hours DOUBLE PRECISION, -- NULL when not known
    PRIMARY KEY (prediction, position)
);

CREATE TABLE feedback (
    prediction SORTED_TEXT NOT NULL REFERENCES predictions (id) ON DELETE CASCADE,
    position   BIGINT NOT NULL, -- predictions.told when it came
    at         BIGINT NOT NULL,
    caller     TEXT NOT NULL,
    accepted   BOOLEAN NOT NULL,
    reason     TEXT NOT NULL,
    comment    TEXT NOT NULL,
    PRIMARY KEY (prediction, position)
);

CREATE TABLE api_keys (
    id      SORTED_TEXT PRIMARY KEY,
    name    TEXT NOT NULL,
    hash    BYTEA NOT NULL, -- SHA-256 of the secret
    roles   TEXT NOT NULL,  -- joined by spaces
    created BIGINT NOT NULL,
    revoked BIGINT -- NULL as long as the key holds
);

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- One row, rewritten to see whether the store can be written.
CREATE TABLE write_checks (
    writes BIGINT NOT NULL
);

INSERT INTO write_checks (writes) VALUES (0);

-- +goose Down
DROP TABLE write_checks;
DROP TABLE settings;
DROP TABLE api_keys;
DROP TABLE feedback;
DROP TABLE outcomes;
DROP TABLE predictions;
