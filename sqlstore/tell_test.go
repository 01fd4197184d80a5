package sqlstore_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/sqlstore"
)

// slowTransactions is a database that begins no transaction until it is released, and does all else at once.
type slowTransactions struct{ release chan struct{} }

var errReleased = errors.New("released")

func (d slowTransactions) Connect(context.Context) (driver.Conn, error) { return d, nil }
func (d slowTransactions) Driver() driver.Driver                        { return nil }
func (d slowTransactions) Close() error                                 { return nil }
func (d slowTransactions) Begin() (driver.Tx, error)                    { return nil, driver.ErrSkip }

func (d slowTransactions) Prepare(string) (driver.Stmt, error) { return nil, driver.ErrSkip }

func (d slowTransactions) BeginTx(context.Context, driver.TxOptions) (driver.Tx, error) {
	<-d.release
	return nil, errReleased
}

func (d slowTransactions) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	return driver.RowsAffected(1), nil
}

// TestTellingLeavesConnections: while outcomes and feedback take long, records are added and the store is checked. Who has waited in vain is
// told so.
func TestTellingLeavesConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := slowTransactions{make(chan struct{})}
		db := sql.OpenDB(slow)
		db.SetMaxOpenConns(3)
		store, err := sqlstore.New(t.Context(), sqlstore.Handles{Write: db}, sqlstore.Dialect{Rows: 64})
		if err != nil {
			t.Fatal(err)
		}
		told := make(chan error, 16)
		for i := range cap(told) {
			go func() {
				if i%2 == 0 {
					told <- store.AddFeedback(context.Background(), sepsis.Feedback{})
					return
				}
				_, err := store.AddOutcome(context.Background(), sepsis.Outcome{})
				told <- err
			}()
		}
		synctest.Wait()
		soon, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := errors.Join(store.Append(soon, make([]sepsis.Record, 2)), store.Check(soon)); err != nil {
			t.Errorf("while many tell: %v", err)
		}
		gone, leave := context.WithCancel(t.Context())
		leave()
		if err := store.AddFeedback(gone, sepsis.Feedback{}); !errors.Is(err, context.Canceled) {
			t.Errorf("the client is gone: %v", err)
		}
		for range cap(told) - 2 {
			if err := <-told; !errors.Is(err, sepsis.ErrBusy) {
				t.Errorf("one too many: %v", err)
			}
		}
		close(slow.release)
		for range 2 {
			if err := <-told; !errors.Is(err, errReleased) {
				t.Errorf("after its turn: %v", err)
			}
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
}
