package access

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"time"
)

// Authorities are those by which the certificates of clients are verified, read again when their file changes. They
// are safe for concurrent use.
type Authorities struct{ file reloaded[authorities] }

type authorities struct {
	pool         *x509.CertPool
	certificates []*x509.Certificate // what is in the pool, which cannot be asked
}

// OpenAuthorities reads the certificates of authorities, as a PEM file.
func OpenAuthorities(path string, clock func() time.Time, logger *slog.Logger) (*Authorities, error) {
	read := func() (authorities, error) { return readAuthorities(path) }
	told := func(a authorities) slog.Attr { return slog.Int("authorities", len(a.certificates)) }
	a := &Authorities{reloaded[authorities]{paths: []string{path}, read: read, told: told, clock: clock, logger: logger}}
	return a, a.file.open()
}

func readAuthorities(path string) (authorities, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return authorities{}, fmt.Errorf("TLS: %w", err)
	}
	read := authorities{pool: x509.NewCertPool()}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return authorities{}, fmt.Errorf("TLS: certificate %d of %s: %w", len(read.certificates)+1, path, err)
		}
		read.pool.AddCert(certificate)
		read.certificates = append(read.certificates, certificate)
	}
	if len(read.certificates) == 0 {
		return authorities{}, fmt.Errorf("TLS: %s holds no certificate in PEM", path)
	}
	return read, nil
}

func (a *Authorities) now() authorities { return a.file.get() }

// trust tells whether one of the chains by which a connection was verified still ends at one of the authorities.
func (a *Authorities) trust(chains [][]*x509.Certificate) bool {
	present := a.now().certificates
	return slices.ContainsFunc(chains, func(chain []*x509.Certificate) bool {
		return slices.ContainsFunc(present, chain[len(chain)-1].Equal)
	})
}
