package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/medtech-detect/sepsis"
)

const keyColumns = "id, name, hash, roles, created, revoked"

// AddKey keeps a new key. An ID that is there already is an error.
func (s *Store) AddKey(ctx context.Context, key sepsis.Key) error {
	roles := make([]string, len(key.Roles))
	for i, role := range key.Roles {
		roles[i] = string(role)
	}
	revoked := sql.NullInt64{Int64: milliseconds(key.Revoked), Valid: !key.Revoked.IsZero()}
	_, err := s.db.Write.ExecContext(ctx, "INSERT INTO api_keys ("+keyColumns+") VALUES ($1, $2, $3, $4, $5, $6)",
		key.ID, text(key.Name), key.Hash[:], strings.Join(roles, " "), milliseconds(key.Created), revoked)
	if err != nil {
		return fmt.Errorf("add the key: %w", err)
	}
	return nil
}

// Keys are all, the oldest first. They do not wait for those who read much: callers are told by this list.
func (s *Store) Keys(ctx context.Context) ([]sepsis.Key, error) {
	var keys []sepsis.Key
	rows, err := s.db.Keys.QueryContext(ctx, "SELECT "+keyColumns+" FROM api_keys ORDER BY created, id")
	if err == nil {
		err = each(rows, func() error {
			key, err := scanKey(rows)
			keys = append(keys, key)
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	return keys, nil
}

// RevokeKey ends a key, or gives ErrNotFound; one that was revoked before keeps its time.
func (s *Store) RevokeKey(ctx context.Context, id string, at time.Time) error {
	result, err := s.db.Write.ExecContext(ctx, "UPDATE api_keys SET revoked = COALESCE(revoked, $2) WHERE id = $1", text(id), milliseconds(at))
	if err != nil {
		return fmt.Errorf("revoke the key: %w", err)
	}
	found, err := result.RowsAffected()
	if err == nil && found == 0 {
		err = sepsis.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("revoke the key: %w", err)
	}
	return nil
}

func scanKey(from *sql.Rows) (sepsis.Key, error) {
	var key sepsis.Key
	var hash []byte
	var roles string
	var created int64
	var revoked sql.NullInt64
	if err := from.Scan(&key.ID, &key.Name, &hash, &roles, &created, &revoked); err != nil {
		return key, err
	}
	if copy(key.Hash[:], hash) != len(key.Hash) {
		return key, fmt.Errorf("the hash of %s has %d bytes", key.ID, len(hash))
	}
	for role := range strings.FieldsSeq(roles) {
		key.Roles = append(key.Roles, sepsis.Role(role))
	}
	key.Created = fromMilliseconds(created)
	if revoked.Valid {
		key.Revoked = fromMilliseconds(revoked.Int64)
	}
	return key, nil
}
