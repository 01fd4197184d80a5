package sqlstore_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"testing"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/sqlstore"
)

// cutOff is a database whose answers break off behind their first row, as when the connection is lost.
type cutOff struct{ row []driver.Value }

var errCut = errors.New("the connection was lost")

func (d *cutOff) Connect(context.Context) (driver.Conn, error) { return d, nil }
func (d *cutOff) Driver() driver.Driver                        { return nil }
func (d *cutOff) Close() error                                 { return nil }
func (d *cutOff) Begin() (driver.Tx, error)                    { return nil, driver.ErrSkip }
func (d *cutOff) Prepare(string) (driver.Stmt, error)          { return nil, driver.ErrSkip }

func (d *cutOff) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	return &cutRows{row: d.row}, nil
}

type cutRows struct {
	row  []driver.Value
	told bool
}

func (r *cutRows) Columns() []string { return make([]string, len(r.row)) }
func (r *cutRows) Close() error      { return nil }

func (r *cutRows) Next(into []driver.Value) error {
	if r.told {
		return errCut
	}
	r.told = true
	copy(into, r.row)
	return nil
}

// TestAnAnswerThatBreaksOffIsNone: half of the keys would refuse callers, and half of the outcomes would be told as all.
func TestAnAnswerThatBreaksOffIsNone(t *testing.T) {
	for name, test := range map[string]struct {
		row []driver.Value
		ask func(*sqlstore.Store) error
	}{
		"keys": {[]driver.Value{"K1", "ward 7", make([]byte, 32), "predict", int64(0), nil}, func(s *sqlstore.Store) error {
			_, err := s.Keys(t.Context())
			return err
		}},
		"outcomes": {[]driver.Value{"P1", int64(0), "ward 7", true, nil}, func(s *sqlstore.Store) error {
			_, err := s.Outcomes(t.Context(), "P1")
			return err
		}},
		"outcomes of many": {[]driver.Value{"P1", int64(0), "ward 7", true, nil}, func(s *sqlstore.Store) error {
			return s.OutcomesFrom(t.Context(), "", func(sepsis.Outcome) error { return nil })
		}},
		"feedback": {[]driver.Value{"P1", int64(0), "ward 7", true, "", ""}, func(s *sqlstore.Store) error {
			_, err := s.Feedback(t.Context(), "P1")
			return err
		}},
	} {
		db := sql.OpenDB(&cutOff{test.row})
		store, err := sqlstore.New(t.Context(), sqlstore.Handles{Write: db, Read: db, Keys: db}, sqlstore.Dialect{Rows: 64})
		if err != nil {
			t.Fatal(err)
		}
		if err := test.ask(store); !errors.Is(err, errCut) {
			t.Errorf("%s: %v", name, err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}
}
