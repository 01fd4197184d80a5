package sqlstore

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/medtech-detect/sepsis"
)

// AddOutcome keeps an outcome; ErrNotFound if there is no such prediction.
func (s *Store) AddOutcome(ctx context.Context, o sepsis.Outcome) error {
	return s.tell(ctx, o.Prediction, "INSERT INTO outcomes (prediction, position, at, caller, septic, onset_hours) VALUES ($1, $2, $3, $4, $5, $6)",
		milliseconds(o.Time), text(o.Caller), o.Septic, nullable(o.OnsetHours))
}

// AddFeedback keeps feedback; ErrNotFound if there is no such prediction.
func (s *Store) AddFeedback(ctx context.Context, f sepsis.Feedback) error {
	return s.tell(ctx, f.Prediction, "INSERT INTO feedback (prediction, position, at, caller, accepted, reason, comment) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		milliseconds(f.Time), text(f.Caller), f.Accepted, text(f.Reason), text(f.Comment))
}

// tell adds to what was told of a prediction. Counting on the prediction's own row gives those who tell at once
// different positions, and finds out whether there is such a prediction.
func (s *Store) tell(ctx context.Context, prediction, insertion string, values ...any) error {
	err := s.within(ctx, func(tx *sql.Tx) error {
		var position int64
		err := tx.QueryRowContext(ctx, "UPDATE predictions SET told = told + 1 WHERE id = $1 RETURNING told", text(prediction)).Scan(&position)
		if err != nil {
			return notFound(err)
		}
		_, err = tx.ExecContext(ctx, insertion, append([]any{prediction, position}, values...)...)
		return err
	})
	if err != nil {
		return fmt.Errorf("tell of a prediction: %w", err)
	}
	return nil
}

func nullable(x *float64) sql.NullFloat64 {
	if x == nil {
		return sql.NullFloat64{}
	}
	return sql.NullFloat64{Float64: *x, Valid: true}
}

// Outcomes are those of one prediction, in the order in which they were told.
func (s *Store) Outcomes(ctx context.Context, prediction string) ([]sepsis.Outcome, error) {
	const query = "SELECT at, caller, septic, onset_hours FROM outcomes WHERE prediction = $1 ORDER BY position"
	var outcomes []sepsis.Outcome
	err := s.each(ctx, query, []any{text(prediction)}, func(rows *sql.Rows) error {
		o := sepsis.Outcome{Prediction: prediction}
		var at int64
		err := rows.Scan(&at, &o.Caller, &o.Septic, &o.OnsetHours)
		o.Time = fromMilliseconds(at)
		outcomes = append(outcomes, o)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("outcomes: %w", err)
	}
	return outcomes, nil
}

// OutcomesFrom calls yield for the outcomes of each prediction with this ID or a greater one.
func (s *Store) OutcomesFrom(ctx context.Context, prediction string, yield func(sepsis.Outcome) error) error {
	const query = "SELECT prediction, at, caller, septic, onset_hours FROM outcomes WHERE prediction >= $1 ORDER BY prediction, position"
	err := s.each(ctx, query, []any{text(prediction)}, func(rows *sql.Rows) error {
		var o sepsis.Outcome
		var at int64
		if err := rows.Scan(&o.Prediction, &at, &o.Caller, &o.Septic, &o.OnsetHours); err != nil {
			return err
		}
		o.Time = fromMilliseconds(at)
		return yield(o)
	})
	if err != nil {
		return fmt.Errorf("outcomes: %w", err)
	}
	return nil
}

// Feedback is that of one prediction, in the order in which it was given.
func (s *Store) Feedback(ctx context.Context, prediction string) ([]sepsis.Feedback, error) {
	const query = "SELECT at, caller, accepted, reason, comment FROM feedback WHERE prediction = $1 ORDER BY position"
	var feedback []sepsis.Feedback
	err := s.each(ctx, query, []any{text(prediction)}, func(rows *sql.Rows) error {
		f := sepsis.Feedback{Prediction: prediction}
		var at int64
		err := rows.Scan(&at, &f.Caller, &f.Accepted, &f.Reason, &f.Comment)
		f.Time = fromMilliseconds(at)
		feedback = append(feedback, f)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("feedback: %w", err)
	}
	return feedback, nil
}
