package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/netip"
	"time"

	"golang.org/x/net/netutil"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/access"
	"github.com/medtech-detect/sepsis/server"
)

// accessOptions say who may call the service, and how much.
type accessOptions struct {
	RequireKeys       bool          `help:"Ask for a key on a loopback address, too: needed behind a reverse proxy on the same machine."`
	InsecureOpen      bool          `help:"Let everybody who reaches the service ask for predictions, without a key."`
	InsecurePlainHTTP bool          `name:"insecure-plain-http" help:"Listen beyond loopback without TLS, because something in front ends it. Keys are needed all the same."`
	KeyGrace          time.Duration `default:"10s" help:"How long known keys go on working while the store cannot be read. Revocations are noticed that late then."`

	OIDCIssuer     string `name:"oidc-issuer" and:"oidc" placeholder:"URL" help:"OpenID Connect issuer whose tokens are accepted beside keys."`
	OIDCAudience   string `name:"oidc-audience" and:"oidc" placeholder:"NAME" help:"Audience (aud) that its tokens must have: this service's."`
	OIDCRolesClaim string `name:"oidc-roles-claim" default:"roles" placeholder:"CLAIM" help:"Claim with the roles predict, metrics, audit, admin; a path such as realm_access.roles, too."`

	TLSCert           string   `name:"tls-cert" and:"tls" type:"existingfile" placeholder:"FILE" help:"Certificate with its chain (PEM); read again when it changes."`
	TLSKey            string   `name:"tls-key" and:"tls" type:"existingfile" placeholder:"FILE" help:"Private key of the certificate (PEM)."`
	TLSClientCA       string   `name:"tls-client-ca" type:"existingfile" placeholder:"FILE" help:"Authorities (PEM) whose client certificates are accepted beside keys."`
	TLSClientRole     []string `name:"tls-client-role" enum:"predict,metrics,audit,admin" default:"predict" help:"What callers with a client certificate may do. Repeat for several."`
	TLSClientRequired bool     `name:"tls-client-required" help:"Talk to nobody without a client certificate, not even about /health."`

	Rate           float64  `default:"200" help:"Requests a second of one caller, in the long run, and beside them as many patients of batches, which wait for it; 0 for no bound. Does not hold for callers on this machine without a key."`
	Burst          int      `default:"400" help:"Requests of one caller at once, above the rate, and as many patients of batches."`
	MaxInFlight    int      `default:"256" help:"Predictions that are worked on at once; more get 503 at once. Beside them a quarter as many batches (POST /predict/patients), a sixteenth as many requests that read or add to the audit log, and as many for figures, have bounds of their own. 0 for no bound."`
	MaxConnections int      `default:"16384" help:"Connections at once; more wait. Fewer are taken where the limit of open files is lower, and the log says so."`
	CORSOrigin     []string `name:"cors-origin" placeholder:"ORIGIN" help:"Site whose pages may call from a browser, such as https://ehr.example. Repeat for several."`
}

// errExposed is why the service does not start where others could reach it.
var errExposed = errors.New("others than this machine could read and change what goes over this address. One of these cures it: " +
	"--tls-cert and --tls-key (then callers need keys, see `sepsis key create`); " +
	"--insecure-plain-http, if TLS ends in front, at a load balancer (callers need keys, too); " +
	"--insecure-open, to let everybody ask for predictions; or a loopback address")

// check refuses what contradicts itself.
func (o accessOptions) check() error {
	switch {
	case o.InsecureOpen && o.RequireKeys:
		return errors.New("--insecure-open and --require-keys contradict each other")
	case o.TLSCert == "" && (o.TLSClientCA != "" || o.TLSClientRequired):
		return errors.New("client certificates need TLS: name --tls-cert and --tls-key, too")
	case o.TLSClientRequired && o.TLSClientCA == "":
		return errors.New("--tls-client-required needs --tls-client-ca")
	case math.IsNaN(o.Rate) || math.IsInf(o.Rate, 0):
		return errors.New("--rate is a number of requests a second; 0 for no bound")
	case o.KeyGrace < 0:
		return errors.New("--key-grace is not negative")
	case o.Rate < 0 || o.Burst < 0 || o.MaxInFlight < 0 || o.MaxConnections < 1:
		return errors.New("limits are not negative, and --max-connections is at least 1")
	}
	return nil
}

// unknown says whom the service lets in who show nothing: nil for nobody. It goes by the address that is listened on, for
// the address of a caller says nothing: behind a proxy on this machine, everybody seems to be here.
func (o accessOptions) unknown(listening netip.Addr, logger *slog.Logger) (*access.Open, error) {
	loopback := listening.IsLoopback()
	switch {
	case loopback && !o.RequireKeys && o.OIDCIssuer == "" && o.TLSClientCA == "":
		logger.Info("whoever is on this machine may do everything, and so may who comes through a proxy on it that does not betray itself: behind a proxy set --require-keys")
		return access.OpenLocally(listening), nil
	case loopback:
		return nil, nil
	case o.InsecureOpen:
		logger.Warn("everybody who reaches this service may ask it for predictions: --insecure-open")
		return access.OpenToAll(), nil
	case o.TLSCert == "" && !o.InsecurePlainHTTP:
		return nil, errExposed
	case o.TLSCert == "":
		logger.Warn("keys and patients' data go over plain HTTP: --insecure-plain-http; TLS must end in front of this service")
	}
	return nil, nil
}

// gate knows the callers, by what was asked for.
func (o accessOptions) gate(ctx context.Context, listening net.Addr, store sepsis.KeyStore, logger *slog.Logger) (*access.Guard, error) {
	address, err := netip.ParseAddrPort(listening.String())
	if err != nil {
		return nil, fmt.Errorf("address %s: %w", listening, err)
	}
	guard := &access.Guard{Keys: access.NewKeys(store, time.Now, o.KeyGrace, logger)}
	if guard.Open, err = o.unknown(address.Addr().Unmap(), logger); err != nil {
		return nil, err
	}
	if o.TLSClientCA != "" {
		guard.Certificates, guard.Clock = rolesOf(o.TLSClientRole), time.Now
		if guard.Authorities, err = access.OpenAuthorities(o.TLSClientCA, time.Now, logger); err != nil {
			return nil, err
		}
	}
	if o.OIDCIssuer != "" {
		guard.Tokens, err = access.NewTokens(access.TokenConfig{
			Issuer: o.OIDCIssuer, Audience: o.OIDCAudience, RolesClaim: o.OIDCRolesClaim, Clock: time.Now, Logger: logger,
		})
		if err != nil {
			return nil, err
		}
		go guard.Tokens.Discover(ctx)
	}
	return guard, o.warnOfNoKey(ctx, guard, store, logger)
}

// warnOfNoKey helps whoever has just installed the service.
func (o accessOptions) warnOfNoKey(ctx context.Context, guard *access.Guard, store sepsis.KeyStore, logger *slog.Logger) error {
	if guard.Open != nil || guard.Tokens != nil || guard.Certificates != nil {
		return nil
	}
	keys, err := store.Keys(ctx)
	if err == nil && len(keys) == 0 {
		logger.Warn("callers need a key, and there is none: make one with sepsis key create --name NAME --role predict")
	}
	return err
}

func (o accessOptions) limits() server.Limits {
	return server.Limits{Rate: o.Rate, Burst: o.Burst, InFlight: o.MaxInFlight}
}

// otherFiles is how many files are open beside connections: the store's, the log, certificates, connections to PostgreSQL.
const otherFiles = 128

// connections is how many there may be at once: no more than may be open, for a connection that cannot be accepted is not even refused.
func (o accessOptions) connections(logger *slog.Logger) int {
	limit, known := openFiles()
	if !known || limit >= uint64(o.MaxConnections)+otherFiles { //nolint:gosec // at least 1
		return o.MaxConnections
	}
	fewer := max(1, int(limit)-otherFiles) //nolint:gosec // less than an int
	logger.Warn("fewer connections than --max-connections are accepted at once, because the limit of open files is too low: raise it (ulimit -n, LimitNOFILE of systemd), or lower --max-connections",
		"connections", fewer, "max_connections", o.MaxConnections, "open_files", limit, "needed", o.MaxConnections+otherFiles)
	return fewer
}

// secure bounds the connections of a listener, and speaks TLS over them when there is a certificate, which it gives as well. The
// authorities are of clients' certificates; nil for none.
func (o accessOptions) secure(listener net.Listener, authorities *access.Authorities, logger *slog.Logger) (net.Listener, *access.Certificate, error) {
	listener = netutil.LimitListener(listener, o.connections(logger))
	if o.TLSCert == "" {
		return listener, nil, nil
	}
	certificate, err := access.OpenCertificate(o.TLSCert, o.TLSKey, time.Now, logger)
	if err != nil {
		return nil, nil, err
	}
	return tls.NewListener(listener, access.ServerTLS(certificate, authorities, o.TLSClientRequired)), certificate, nil
}
