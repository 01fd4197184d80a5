package keyset

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

// maxSet is the longest key set that is read, in bytes. With the certificates of a dozen keys one has some 50 KiB.
const maxSet = 1 << 20

// errNoKey says that a set was read, and holds nothing by which a token could have been signed.
var errNoKey = errors.New("the key set holds no public key for signatures; the issuer must publish one")

// Remote is the JSON web key set (RFC 7517) at an address, read through a client, which must have a transport, when a token names a key that is not
// known. A set without any key for signatures is an error, as it is to PyJWT and node-jwks-rsa, and not the news that all keys were withdrawn: an
// issuer that loses its keys for a moment would have every token refused as forged. go-oidc takes it as it is. The address should be [Authentic];
// where it leads to another, that is an error, too.
func Remote(ctx context.Context, client *http.Client, address string) oidc.KeySet {
	reader := *client
	reader.Transport = checked{client.Transport}
	reader.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return oidc.NewRemoteKeySet(oidc.ClientContext(ctx, &reader), address)
}

// checked passes on the sets that hold a key.
type checked struct{ next http.RoundTripper }

// RoundTrip fails when what comes cannot be a set of keys.
func (c checked) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := c.next.RoundTrip(r)
	if err != nil || response.StatusCode != http.StatusOK {
		return response, err
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxSet+1))
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return nil, err
	}
	if err := check(body); err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

func check(body []byte) error {
	if len(body) > maxSet {
		return fmt.Errorf("the key set is longer than %d bytes", maxSet)
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(body, &set); err != nil {
		return fmt.Errorf("this is no key set: %w", err)
	}
	if !slices.ContainsFunc(set.Keys, signs) {
		return errNoKey
	}
	return nil
}

// signs tells whether a token may be signed by a key. One that cannot be read is of a kind that go-oidc leaves out, too.
func signs(encoded json.RawMessage) bool {
	var key jose.JSONWebKey
	return json.Unmarshal(encoded, &key) == nil && key.IsPublic() && key.Use != "enc"
}
