package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/medtech-detect/sepsis"
)

// told is a table of what is told of predictions. Beside prediction, position and time it has these columns.
type told struct {
	table   string
	columns []string
}

var (
	outcomes = told{"outcomes", []string{"caller", "septic", "onset_hours"}}
	feedback = told{"feedback", []string{"caller", "accepted", "reason", "comment"}}
)

// AddOutcome keeps an outcome, and gives the one that is kept.
func (s *Store) AddOutcome(ctx context.Context, o sepsis.Outcome) (sepsis.Outcome, error) {
	first, err := s.tell(ctx, outcomes, o.Prediction, milliseconds(o.Time), text(o.Caller), o.Septic, nullable(o.OnsetHours))
	o.Time = fromMilliseconds(first)
	return o, err
}

// AddFeedback keeps feedback.
func (s *Store) AddFeedback(ctx context.Context, f sepsis.Feedback) error {
	_, err := s.tell(ctx, feedback, f.Prediction, milliseconds(f.Time), text(f.Caller), f.Accepted, text(f.Reason), text(f.Comment))
	return err
}

// errTold says that the same was told last, so that nothing is to be added.
var errTold = errors.New("the same was told last")

// tellers is how many may tell of predictions at once. Each holds a connection for several journeys to the database; the others are left to
// new records, to checks and to keys.
const tellers = 2

// turn waits until few enough tell of predictions. over lets the next one do so.
func (s *Store) turn(ctx context.Context) (over func(), err error) {
	waiting, cancel := context.WithTimeout(ctx, turnWait)
	defer cancel()
	select {
	case s.telling <- struct{}{}:
		return func() { <-s.telling }, nil
	case <-waiting.Done():
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("%w: %w", sepsis.ErrBusy, waiting.Err())
}

// tell adds to what was told of a prediction, and gives the time at which it was told first. Counting on the prediction's own row gives
// those who tell at once different positions, one after the other, and finds out whether there is such a prediction.
func (s *Store) tell(ctx context.Context, to told, prediction string, at int64, values ...any) (first int64, err error) {
	over, err := s.turn(ctx)
	if err != nil {
		return at, fmt.Errorf("tell of a prediction: %w", err)
	}
	defer over()
	first = at
	err = s.within(ctx, func(tx *sql.Tx) error {
		var position int64
		err := tx.QueryRowContext(ctx, "UPDATE predictions SET told = told + 1 WHERE id = $1 RETURNING told", text(prediction)).Scan(&position)
		if err != nil {
			return notFound(err)
		}
		if err := to.room(ctx, tx, prediction, values, &first); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, to.insertion(), append([]any{prediction, position, at}, values...)...)
		return err
	})
	if err != nil && !errors.Is(err, errTold) {
		return first, fmt.Errorf("tell of a prediction: %w", err)
	}
	s.wrote(2, 0) // the prediction's and its own
	return first, nil
}

// room is errTold when the same was told last, whose time it then gives, and ErrFull when there is no place for more.
func (t told) room(ctx context.Context, tx *sql.Tx, prediction string, values []any, first *int64) error {
	var count int
	if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+t.table+" WHERE prediction = $1", prediction).Scan(&count); err != nil || count == 0 {
		return err
	}
	same := "SELECT at FROM " + t.table + " WHERE prediction = $1 AND position = (SELECT MAX(position) FROM " + t.table + " WHERE prediction = $1)"
	for i, column := range t.columns {
		same += fmt.Sprintf(" AND %s IS NOT DISTINCT FROM $%d", column, i+2)
	}
	err := tx.QueryRowContext(ctx, same, append([]any{prediction}, values...)...).Scan(first)
	switch {
	case err == nil:
		return errTold
	case !errors.Is(err, sql.ErrNoRows):
		return err
	case count >= sepsis.MaxTold:
		return sepsis.ErrFull
	}
	return nil
}

func (t told) insertion() string {
	columns, places := "prediction, position, at", "$1, $2, $3"
	for i, column := range t.columns {
		columns += ", " + column
		places += fmt.Sprintf(", $%d", i+4)
	}
	return "INSERT INTO " + t.table + " (" + columns + ") VALUES (" + places + ")"
}

// selection begins a query of the table.
func (t told) selection() string {
	return "SELECT prediction, at, " + strings.Join(t.columns, ", ") + " FROM " + t.table
}

func nullable(x *float64) sql.NullFloat64 {
	if x == nil {
		return sql.NullFloat64{}
	}
	return sql.NullFloat64{Float64: *x, Valid: true}
}

// Outcomes are those of one prediction, in the order in which they were told.
func (s *Store) Outcomes(ctx context.Context, prediction string) ([]sepsis.Outcome, error) {
	var found []sepsis.Outcome
	err := s.each(ctx, outcomes.selection()+" WHERE prediction = $1 ORDER BY position", []any{text(prediction)}, func(rows *sql.Rows) error {
		o, err := scanOutcome(rows)
		found = append(found, o)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("outcomes: %w", err)
	}
	return found, nil
}

// OutcomesFrom calls yield for the outcomes of each prediction with this ID or a greater one.
func (s *Store) OutcomesFrom(ctx context.Context, prediction string, yield func(sepsis.Outcome) error) error {
	err := s.each(ctx, outcomes.selection()+" WHERE prediction >= $1 ORDER BY prediction, position", []any{text(prediction)}, func(rows *sql.Rows) error {
		o, err := scanOutcome(rows)
		if err != nil {
			return err
		}
		return yield(o)
	})
	if err != nil {
		return fmt.Errorf("outcomes: %w", err)
	}
	return nil
}

func scanOutcome(from *sql.Rows) (o sepsis.Outcome, err error) {
	var at int64
	err = from.Scan(&o.Prediction, &at, &o.Caller, &o.Septic, &o.OnsetHours)
	o.Time = fromMilliseconds(at)
	return o, err
}

// Feedback is that of one prediction, in the order in which it was given.
func (s *Store) Feedback(ctx context.Context, prediction string) ([]sepsis.Feedback, error) {
	var found []sepsis.Feedback
	err := s.each(ctx, feedback.selection()+" WHERE prediction = $1 ORDER BY position", []any{text(prediction)}, func(rows *sql.Rows) error {
		var f sepsis.Feedback
		var at int64
		err := rows.Scan(&f.Prediction, &at, &f.Caller, &f.Accepted, &f.Reason, &f.Comment)
		f.Time = fromMilliseconds(at)
		found = append(found, f)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("feedback: %w", err)
	}
	return found, nil
}
