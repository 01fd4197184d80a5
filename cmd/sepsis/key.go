package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/access"
)

type keyCommand struct {
	Create keyCreateCommand `cmd:"" help:"Make an API key. Its text is printed once and kept nowhere."`
	List   keyListCommand   `cmd:"" help:"List the API keys, without their secrets."`
	Revoke keyRevokeCommand `cmd:"" help:"End an API key; running services notice within 10 seconds."`
}

type keyCreateCommand struct {
	storeOptions
	Name string   `required:"" help:"Who holds the key; the audit log shows it."`
	Role []string `required:"" enum:"predict,metrics,audit,admin" help:"What the holder may do: predict, metrics (for Prometheus), audit (which includes metrics) or admin (everything). Repeat for several."`
}

// Run prints the text of the key, alone, to standard output.
func (c keyCreateCommand) Run(ctx context.Context) (err error) {
	key, text, err := access.NewKey(c.Name, rolesOf(c.Role), time.Now(), rand.Reader)
	if err != nil {
		return err
	}
	store, err := c.open(ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if err := store.AddKey(ctx, key); err != nil {
		return fmt.Errorf("key: %w", err)
	}
	fmt.Fprintf(os.Stderr, "Key %s of %s. This is shown once; send it as Authorization: Bearer <key>.\n", key.ID, key.Name)
	if _, err := fmt.Println(text); err != nil { // nobody has it
		return errors.Join(fmt.Errorf("key: it is revoked, because it cannot be shown: %w", err), store.RevokeKey(context.WithoutCancel(ctx), key.ID, time.Now().UTC().Truncate(time.Millisecond)))
	}
	return nil
}

func rolesOf(names []string) []sepsis.Role {
	roles := make([]sepsis.Role, len(names))
	for i, name := range names {
		roles[i] = sepsis.Role(name)
	}
	return roles
}

type keyListCommand struct {
	storeOptions
}

// Run prints a table, the oldest key first.
func (c keyListCommand) Run(ctx context.Context) (err error) {
	store, err := c.openExisting(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	keys, err := store.Keys(ctx)
	if err != nil {
		return fmt.Errorf("key: %w", err)
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "ID\tNAME\tROLES\tCREATED\tREVOKED") // Flush tells the error
	for _, key := range keys {
		var roles []string
		for _, role := range key.Roles {
			roles = append(roles, string(role))
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", key.ID, key.Name, strings.Join(roles, ","), minute(key.Created), minute(key.Revoked))
	}
	return table.Flush()
}

// minute shows a time; a dash when there is none.
func minute(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02T15:04Z")
}

type keyRevokeCommand struct {
	storeOptions
	ID string `arg:"" help:"ID of the key, as key list shows it."`
}

// Run ends the key.
func (c keyRevokeCommand) Run(ctx context.Context) (err error) {
	store, err := c.openExisting(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	err = store.RevokeKey(ctx, c.ID, time.Now().UTC().Truncate(time.Millisecond))
	switch {
	case errors.Is(err, sepsis.ErrNotFound):
		return fmt.Errorf("key: there is no key %s; `sepsis key list` shows them", c.ID)
	case err != nil:
		return fmt.Errorf("key: %w", err)
	}
	fmt.Println("Revoked. Running services notice within 10 seconds.")
	return nil
}
