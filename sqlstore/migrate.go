package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// ErrLater is of tables that a later version of the program has changed.
var ErrLater = errors.New("a later version has changed the tables")

// Migrate brings the tables up to date. Those that a later version has changed are refused: what this one would write there, or fail to
// write in the middle of its work, nobody has tried. The options are those by which one database differs from the other.
func Migrate(ctx context.Context, dialect goose.Dialect, db *sql.DB, options ...goose.ProviderOption) error {
	steps, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	options = append(options, goose.WithDisableGlobalRegistry(true))
	provider, err := goose.NewProvider(dialect, db, steps, options...)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("bring the tables up to date: %w", err)
	}
	there, known, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("form of the tables: %w", err)
	}
	if there > known {
		return fmt.Errorf("%w: they have form %d, and this version knows up to %d; start that version again, or go back to a backup from before it",
			ErrLater, there, known)
	}
	return nil
}
