package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/medtech-detect/sepsis"
)

// columns of a record, in the order of bind and of row.scanned.
var columns = []string{
	"id", "at", "caller", "route", "patient", "model_name", "model_version", "model_sha256", "input_sha256", "hour", "probability",
	"label", "alert", "band", "reliability", "latency", "hypothetical", "shadow_name", "shadow_version", "shadow_sha256", "shadow_probability",
	"shadow_label", "input", "output",
}

// blobs is how many columns at the end may be long.
const blobs = 2

// row is a record as it comes out of the table.
type row struct {
	record                            sepsis.Record
	at, latency                       int64
	hour                              sql.NullInt64
	shadowName, shadowVersion         sql.NullString
	shadowSHA256, shadowLabel, output sql.NullString
	shadowProbability                 sql.NullFloat64
}

// bind appends the values of a record, in the order of columns.
func bind(values []any, r *sepsis.Record) []any {
	values = append(values, text(r.ID), milliseconds(r.Time), text(r.Caller), text(r.Route), text(r.Patient),
		text(r.Model.Name), text(r.Model.Version), text(r.Model.SHA256), text(r.InputSHA256),
		sql.NullInt64{Int64: int64(r.Risk.Hour), Valid: r.Risk.Hour != sepsis.HourUnknown},
		r.Risk.Probability, text(string(r.Risk.Label)), r.Risk.Alert, text(string(r.Risk.Band)), text(string(r.Reliability)), int64(r.Latency), r.Hypothetical)
	if shadow := r.Shadow; shadow != nil {
		values = append(values, text(shadow.Model.Name), text(shadow.Model.Version), text(shadow.Model.SHA256), shadow.Probability, text(string(shadow.Label)))
	} else {
		values = append(values, nil, nil, nil, nil, nil)
	}
	return append(values, r.Input, text(string(r.Output)))
}

// scanned are the places for the columns, in their order.
func (r *row) scanned() []any {
	record := &r.record
	return []any{
		&record.ID, &r.at, &record.Caller, &record.Route, &record.Patient, &record.Model.Name, &record.Model.Version, &record.Model.SHA256,
		&record.InputSHA256, &r.hour, &record.Risk.Probability, &record.Risk.Label, &record.Risk.Alert, &record.Risk.Band,
		&record.Reliability, &r.latency, &record.Hypothetical, &r.shadowName, &r.shadowVersion, &r.shadowSHA256, &r.shadowProbability, &r.shadowLabel,
		&record.Input, &r.output,
	}
}

// made is the record that was read.
func (r *row) made() sepsis.Record {
	record := r.record
	record.Time, record.Latency = fromMilliseconds(r.at), time.Duration(r.latency)
	record.Risk.Hour = sepsis.HourUnknown
	if r.hour.Valid {
		record.Risk.Hour = int(r.hour.Int64)
	}
	if r.output.Valid {
		record.Output = []byte(r.output.String)
	}
	if r.shadowSHA256.Valid {
		record.Shadow = &sepsis.ShadowRisk{
			Model:       sepsis.ModelInfo{Name: r.shadowName.String, Version: r.shadowVersion.String, SHA256: r.shadowSHA256.String},
			Probability: r.shadowProbability.Float64, Label: sepsis.Label(r.shadowLabel.String),
		}
	}
	return record
}

// insertion is the statement that adds so many records.
func insertion(rows int, parameter func(n int) string) string {
	var statement strings.Builder
	statement.WriteString("INSERT INTO predictions (" + strings.Join(columns, ", ") + ") VALUES ")
	for i := range rows * len(columns) {
		switch {
		case i == 0:
			statement.WriteString("(")
		case i%len(columns) == 0:
			statement.WriteString("), (")
		default:
			statement.WriteString(", ")
		}
		statement.WriteString(parameter(i + 1))
	}
	statement.WriteString(") ON CONFLICT (id) DO NOTHING")
	return statement.String()
}

// insert runs the statement that adds so many records.
type insert func(ctx context.Context, rows int, values []any) error

// inserting is insert in a transaction, or by itself when there is none.
func (s *Store) inserting(ctx context.Context, tx *sql.Tx) insert {
	one := s.insertOne
	if one != nil && tx != nil {
		one = tx.StmtContext(ctx, one)
	}
	return func(ctx context.Context, rows int, values []any) (err error) {
		switch {
		case one != nil && tx != nil: // SQLite's driver starts a goroutine for a statement that can be cancelled; the transaction can be
			_, err = one.ExecContext(context.WithoutCancel(ctx), values...)
		case one != nil:
			_, err = one.ExecContext(ctx, values...)
		case tx != nil:
			_, err = tx.ExecContext(ctx, s.insertions[rows], values...)
		default:
			_, err = s.db.Write.ExecContext(ctx, s.insertions[rows], values...)
		}
		return err
	}
}

// Append adds records, all or none. What one statement can add needs no transaction around it, which spares
// PostgreSQL two journeys.
func (s *Store) Append(ctx context.Context, records []sepsis.Record) error {
	var err error
	if len(records) <= s.rows {
		err = s.add(ctx, records, s.inserting(ctx, nil))
	} else {
		err = s.within(ctx, func(tx *sql.Tx) error { return s.add(ctx, records, s.inserting(ctx, tx)) })
	}
	if err != nil {
		return fmt.Errorf("add %d records: %w", len(records), err)
	}
	long := 0
	for i := range records {
		long += len(records[i].Input) + len(records[i].Output)
	}
	s.wrote(len(records), long)
	return nil
}

func (s *Store) add(ctx context.Context, records []sepsis.Record, insert insert) error {
	values := make([]any, 0, min(len(records), s.rows)*len(columns))
	for chunk := range slices.Chunk(records, s.rows) {
		values = values[:0]
		for i := range chunk {
			values = bind(values, &chunk[i])
		}
		if err := insert(ctx, len(chunk), values); err != nil {
			return err
		}
	}
	return nil
}

// Record finds one by its ID, or gives ErrNotFound.
func (s *Store) Record(ctx context.Context, id string) (sepsis.Record, error) {
	var found row
	err := sepsis.ErrNotFound
	failed := s.each(ctx, "SELECT "+strings.Join(columns, ", ")+" FROM predictions WHERE id = $1", []any{text(id)}, func(rows *sql.Rows) error {
		err = nil
		return rows.Scan(found.scanned()...)
	})
	if failed != nil {
		err = failed
	}
	if err != nil {
		return sepsis.Record{}, fmt.Errorf("prediction: %w", err)
	}
	return found.made(), nil
}

// Records calls yield for each chosen record, the newest first.
func (s *Store) Records(ctx context.Context, query sepsis.AuditQuery, yield func(sepsis.Record) error) error {
	shown := len(columns)
	if query.Brief {
		shown -= blobs
	}
	conditions, values := chosen(query)
	statement := "SELECT " + strings.Join(columns[:shown], ", ") + " FROM predictions" + conditions //nolint:gosec // values are parameters
	err := s.each(ctx, statement, values, func(rows *sql.Rows) error {
		var found row
		if err := rows.Scan(found.scanned()[:shown]...); err != nil {
			return err
		}
		return yield(found.made())
	})
	if err != nil {
		return fmt.Errorf("predictions: %w", err)
	}
	return nil
}

// chosen makes the conditions of a query, their order and their limit.
func chosen(query sepsis.AuditQuery) (string, []any) {
	var conditions []string
	var values []any
	add := func(applies bool, condition string, value any) {
		if applies {
			values = append(values, value)
			conditions = append(conditions, fmt.Sprintf("%s $%d", condition, len(values)))
		}
	}
	if query.From != nil {
		add(true, "id >=", firstID(*query.From))
	}
	if query.To != nil {
		add(true, "id <", firstID(*query.To))
	}
	add(query.Before != "", "id <", text(query.Before))
	add(query.Caller != "", "caller =", text(query.Caller))
	add(query.Patient != "", "patient =", text(query.Patient))
	add(query.Label != "", "label =", text(string(query.Label)))
	add(query.Alert != nil, "alert =", query.Alert != nil && *query.Alert)
	add(query.Hypothetical != nil, "hypothetical =", query.Hypothetical != nil && *query.Hypothetical)
	add(query.ModelSHA256 != "", "model_sha256 =", text(query.ModelSHA256))
	if query.Told {
		var first string
		if query.From != nil {
			first = firstID(*query.From)
		}
		values = append(values, first)
		conditions = append(conditions, fmt.Sprintf("id IN (SELECT prediction FROM outcomes WHERE prediction >= $%d)", len(values)))
	}
	statement := ""
	if len(conditions) > 0 {
		statement = " WHERE " + strings.Join(conditions, " AND ")
	}
	statement += " ORDER BY id DESC"
	if query.Limit > 0 {
		values = append(values, query.Limit)
		statement += fmt.Sprintf(" LIMIT $%d", len(values))
	}
	return statement, values
}

// firstID is the smallest ID of a time. What lies outside a ULID's years, 1970 to 10889, takes the nearest.
func firstID(t time.Time) string {
	var id ulid.ULID
	ms := min(uint64(max(t.UnixMilli(), 0)), ulid.MaxTime()) //nolint:gosec // not below 0
	if err := id.SetTime(ms); err != nil {
		panic(err) // it is not beyond the last
	}
	return id.String()
}

// eraseStep is how many records one transaction erases: few enough for others not to notice.
const eraseStep = 200

// Erase deletes the records before a time, with their outcomes and feedback. It ends when none is left: a step may erase fewer than it found,
// or none, because another instance was about to erase the same.
func (s *Store) Erase(ctx context.Context, before time.Time) (int64, error) {
	const (
		search    = "SELECT EXISTS (SELECT 1 FROM predictions WHERE id < $1)"
		statement = "DELETE FROM predictions WHERE id IN (SELECT id FROM predictions WHERE id < $1 ORDER BY id LIMIT $2)"
	)
	var erased int64
	for {
		left := false
		if err := s.db.Write.QueryRowContext(ctx, search, firstID(before)).Scan(&left); err != nil {
			return erased, fmt.Errorf("erase: %w", err)
		}
		if !left {
			return erased, s.tidy(ctx, erased)
		}
		result, err := s.db.Write.ExecContext(ctx, statement, firstID(before), eraseStep)
		if err != nil {
			return erased, fmt.Errorf("erase: %w", err)
		}
		step, err := result.RowsAffected()
		if err != nil {
			return erased, fmt.Errorf("erase: %w", err)
		}
		erased += step
		s.wrote(int(step), 0)
	}
}

// Traces are looked after again so many times, with a pause in which others write.
const (
	tidyings    = 20
	tidyingRest = 100 * time.Millisecond
)

// tidy rids the database's files of what was erased, now or before.
func (s *Store) tidy(ctx context.Context, erased int64) error {
	if s.afterErase == nil {
		return nil
	}
	if erased > 0 {
		s.clean.Store(false)
	}
	for range tidyings {
		if s.clean.Load() {
			return nil
		}
		clean, err := s.afterErase(ctx, s.db.Write)
		if err != nil {
			return fmt.Errorf("%w: %w", sepsis.ErrTraces, err)
		}
		s.clean.Store(clean)
		if !clean {
			pause(ctx, tidyingRest)
		}
	}
	return fmt.Errorf("%w: they are in use; erase again when no export is under way", sepsis.ErrTraces)
}

// pause ends early with the context.
func pause(ctx context.Context, length time.Duration) {
	select {
	case <-time.After(length):
	case <-ctx.Done():
	}
}
