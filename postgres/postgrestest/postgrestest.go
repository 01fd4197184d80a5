// Package postgrestest gives tests a database of a real PostgreSQL. `make test-postgres` starts one and says where.
package postgrestest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
)

const (
	// addressVariable names the environment variable with the address of a server on which databases can be made.
	addressVariable = "SEPSIS_TEST_POSTGRES"
	// controlVariable names the one with a command that takes start, stop or restart as its last word.
	controlVariable = "SEPSIS_TEST_POSTGRES_CONTROL"
)

var made atomic.Int32

// Database makes an empty database, which is dropped after the test, and gives its address. Without a server the test
// is skipped.
func Database(t testing.TB) string {
	t.Helper()
	address := os.Getenv(addressVariable)
	if address == "" {
		t.Skip("needs PostgreSQL: run make test-postgres, or set " + addressVariable)
	}
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("sepsis_test_%d_%d", os.Getpid(), made.Add(1))
	// In Estonian Z comes before T: who relies on the order of bytes without saying so is found out.
	run(t, address, "CREATE DATABASE "+name+" TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'et'")
	t.Cleanup(func() { run(t, address, "DROP DATABASE "+name+" WITH (FORCE)") })
	parsed.Path = "/" + name
	return parsed.String()
}

func run(t testing.TB, address, statement string) {
	t.Helper()
	ctx := context.Background() // the test's own has ended when the database is dropped
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Error(err)
	}
	if err := conn.Close(ctx); err != nil {
		t.Error(err)
	}
}

// Control starts, stops or restarts the server, and waits until it is done.
func Control(t testing.TB, what string) {
	t.Helper()
	control := os.Getenv(controlVariable)
	if control == "" {
		t.Skip("needs PostgreSQL that it can stop: run make test-postgres, or set " + controlVariable)
	}
	command := exec.CommandContext(context.Background(), "sh", "-c", control+" "+what) //nolint:gosec // the environment of the tests
	if told, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", what, err, told)
	}
}
