package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/user"
	"strconv"
	"strings"
	"time"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/audit"
	"github.com/medtech-detect/sepsis/server"
)

type auditCommand struct {
	Export auditExportCommand `cmd:"" help:"Write records as NDJSON, the newest first; a line is what GET /predictions/{id} answers."`
	Erase  auditEraseCommand  `cmd:"" help:"Erase old records, with their outcomes and feedback."`
}

// moment is a day, which begins at midnight UTC, or a time as in RFC 3339.
type moment struct{ time.Time }

// UnmarshalText is called by kong.
func (m *moment) UnmarshalText(text []byte) (err error) {
	if m.Time, err = time.Parse(time.DateOnly, string(text)); err == nil {
		return nil
	}
	if m.Time, err = time.Parse(time.RFC3339, string(text)); err != nil {
		return errors.New("a day such as 2026-11-24 is expected, or a time such as 2026-11-24T08:00:00Z")
	}
	return nil
}

type auditExportCommand struct {
	storeOptions
	privacyOptions
	Out        string        `required:"" placeholder:"FILE" help:"File to write, which must not exist yet. It may hold patient data: only its owner may read it."`
	From       *moment       `placeholder:"TIME" help:"Only what was asked for on this day or later; or at this time."`
	To         *moment       `placeholder:"TIME" help:"Only what was asked for before this day, or time."`
	Caller     *string       `placeholder:"NAME" help:"Only what this caller asked for."`
	Patient    *string       `placeholder:"ID" help:"Only the patient with this patient_id, as it was sent; by FHIR and CDS Hooks, the reference Patient/<id>."`
	Prediction *sepsis.Label `enum:"Positive,Negative" placeholder:"WORD" help:"Only what was answered so (Positive, Negative)."`
	ModelSHA   *string       `name:"model-sha256" placeholder:"SHA256" help:"Only answers of this model."`
}

// query is what GET /predictions would choose, and refuse, with these options. One that is empty is not one that was left out: it may be
// that of a script whose variable is not set, and all patients are not what it asks for.
func (c auditExportCommand) query() (sepsis.AuditQuery, error) {
	asked := url.Values{}
	for name, at := range map[string]*moment{"from": c.From, "to": c.To} {
		if at != nil {
			asked.Set(name, at.Format(time.RFC3339Nano))
		}
	}
	for name, text := range map[string]*string{"caller": c.Caller, "patient": c.Patient, "prediction": (*string)(c.Prediction), "model": c.ModelSHA} {
		if text != nil {
			asked.Set(name, *text)
		}
	}
	query, problems := server.ReadAuditQuery(asked.Encode())
	query.Limit = 0
	var failed error
	for i := range problems {
		failed = errors.Join(failed, errors.New(strings.TrimPrefix(problems[i].Location, "query.")+": "+problems[i].Message))
	}
	return query, failed
}

// Run exports, and tells standard error how many records. What was written is gone again when something fails.
func (c auditExportCommand) Run(ctx context.Context) (failed error) {
	query, err := c.query()
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	log, err := c.openExisting(ctx)
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, log.Close()) }()
	if c.Patient != nil {
		privacy, err := c.existing(ctx, c.storeOptions, log)
		if err != nil {
			return err
		}
		query.Patient = privacy.PatientAs(*c.Patient)
	}
	file, err := os.OpenFile(c.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	buffered := bufio.NewWriter(file)
	exported, err := server.Export(ctx, log, query, buffered)
	err = errors.Join(err, buffered.Flush(), file.Sync(), file.Close())
	if err != nil {
		return fmt.Errorf("export: %w", errors.Join(err, os.Remove(c.Out)))
	}
	fmt.Fprintf(os.Stderr, "exported %d predictions to %s\n", exported, c.Out)
	return nil
}

type auditEraseCommand struct {
	storeOptions
	Before moment `required:"" placeholder:"TIME" help:"Erase what was asked for before this day, or time."`
	Yes    bool   `help:"Erase also when that is yet to come, which is everything."`
}

// erasure is what the store and standard error are told of who erased what.
type erasure struct {
	By     string    `json:"by"`
	Before time.Time `json:"before"`
	Erased int64     `json:"erased"`
}

// Run erases, prints how many records, and tells the store and standard error who did it, for whoever keeps that.
func (c auditEraseCommand) Run(ctx context.Context) (failed error) {
	log, err := c.openExisting(ctx)
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, log.Close()) }()
	now := time.Now().UTC()
	erased, err := c.erase(ctx, log, now)
	if errors.Is(err, audit.ErrFuture) {
		return fmt.Errorf("erase: %w, which would be everything: name an earlier --before, or add --yes", err)
	}
	fmt.Printf("erased %d predictions from before %s\n", erased, c.Before.Format(time.RFC3339))
	return errors.Join(err, erasure{operator(), c.Before.UTC(), erased}.tell(context.WithoutCancel(ctx), log, now))
}

// tell keeps it under a name of its own, which nothing erases.
func (e erasure) tell(ctx context.Context, log sepsis.AuditLog, now time.Time) error {
	slog.New(slog.NewJSONHandler(os.Stderr, nil)).Warn("predictions were erased", "by", e.By, "before", e.Before, "erased", e.Erased)
	value, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = log.KeepOnce(ctx, "erasure "+now.Format(time.RFC3339Nano), string(value))
	return err
}

func (c auditEraseCommand) erase(ctx context.Context, log sepsis.AuditLog, now time.Time) (int64, error) {
	if c.Yes {
		return log.Erase(ctx, c.Before.Time)
	}
	return audit.Erase(ctx, log, c.Before.Time, now)
}

// operator names the account of the system that runs the command, and behind sudo the one that called it.
func operator() string {
	name := strconv.Itoa(os.Getuid())
	if account, err := user.Current(); err == nil {
		name = account.Username
	}
	if caller := os.Getenv("SUDO_USER"); caller != "" {
		name += ", sudo of " + caller
	}
	return name
}
