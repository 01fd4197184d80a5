-- Predictions that are not of a patient as they are. Instances of the version before go on writing while this one starts: theirs are not.

-- +goose Up
ALTER TABLE predictions ADD COLUMN hypothetical BOOLEAN NOT NULL DEFAULT FALSE;

-- +goose Down
ALTER TABLE predictions DROP COLUMN hypothetical;
