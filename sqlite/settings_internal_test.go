package sqlite

import (
	"net/url"
	"path/filepath"
	"testing"
)

// TestSettingsAreInForce: SQLite passes over a setting that it does not know, and says nothing. What each is for stands beside it.
func TestSettingsAreInForce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sepsis.db")
	for _, use := range []struct {
		name     string
		options  url.Values
		settings map[string]string
	}{
		{"writing", writing, map[string]string{"journal_mode": "wal", "synchronous": "2", "busy_timeout": "5000", "foreign_keys": "1", "secure_delete": "1"}},
		{"reading", reading, map[string]string{"busy_timeout": "5000", "query_only": "1"}},
		{"checkpointing", checkpointing, map[string]string{"synchronous": "2", "busy_timeout": "0"}},
	} {
		db, err := connect(path, use.options, 1)
		if err != nil {
			t.Fatal(err)
		}
		for setting, want := range use.settings {
			var got string
			if err := db.QueryRowContext(t.Context(), "PRAGMA "+setting).Scan(&got); err != nil || got != want {
				t.Errorf("%s: %s is %q, want %q; %v", use.name, setting, got, want, err)
			}
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}
