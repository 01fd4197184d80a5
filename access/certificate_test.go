package access_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/access"
)

// authority signs certificates in the tests.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key := newPrivateKey(t)
	template := template("authority")
	template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	return &authority{sign(t, template, template, key, key), key}
}

func newPrivateKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func template(name string) *x509.Certificate {
	start := newClock().Now()
	return &x509.Certificate{
		SerialNumber: big.NewInt(start.Unix()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{"localhost"},
		NotBefore: start.Add(-time.Hour), NotAfter: start.AddDate(100, 0, 0),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
}

func sign(t *testing.T, of, by *x509.Certificate, key, signer *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	raw, err := x509.CreateCertificate(rand.Reader, of, by, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

// issue makes a certificate with its key.
func (a *authority) issue(t *testing.T, name string) tls.Certificate {
	t.Helper()
	key := newPrivateKey(t)
	certificate := sign(t, template(name), a.certificate, key, a.key)
	return tls.Certificate{Certificate: [][]byte{certificate.Raw}, PrivateKey: key, Leaf: certificate}
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

// files are where a certificate is kept.
type files struct{ cert, key string }

func newFiles(t *testing.T) files {
	t.Helper()
	dir := t.TempDir()
	return files{filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")}
}

func (f files) write(t *testing.T, certificate tls.Certificate) {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, f.cert, "CERTIFICATE", certificate.Certificate[0])
	writePEM(t, f.key, "PRIVATE KEY", key)
}

func writePEM(t *testing.T, path, kind string, bytes []byte) {
	t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}), 0o600); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, f files, clock *clock, lines *log) *access.Certificate {
	t.Helper()
	certificate, err := access.OpenCertificate(f.cert, f.key, clock.Now, lines.logger())
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

// pipe is buffered: when a session is resumed both sides write at the same time.
func pipe(t *testing.T) (ours, theirs net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // of a test
	if theirs, err = net.Dial("tcp", listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if ours, err = listener.Accept(); err != nil {
		t.Fatal(err)
	}
	return ours, theirs
}

// handshake shakes hands and tells who the server is, and what each side said.
func handshake(t *testing.T, server, client *tls.Config) (state tls.ConnectionState, serverError, clientError error) {
	t.Helper()
	ours, theirs := pipe(t)
	answered := make(chan error, 1)
	go func() {
		connection := tls.Server(ours, server)
		err := connection.Handshake()
		answered <- err
		if err == nil {
			_, _ = connection.Write([]byte("x")) // in TLS 1.3 the client learns only now whether its certificate was good
		}
		_ = ours.Close()
	}()
	connection := tls.Client(theirs, client)
	clientError = connection.Handshake()
	if clientError == nil {
		_, clientError = io.ReadFull(connection, make([]byte, 1))
	}
	_ = theirs.Close()
	return connection.ConnectionState(), <-answered, clientError
}

func client(a *authority, certificates ...tls.Certificate) *tls.Config {
	return &tls.Config{RootCAs: a.pool(), ServerName: "localhost", Certificates: certificates, MinVersion: tls.VersionTLS12}
}

func nameShown(t *testing.T, server *tls.Config, client *tls.Config) string {
	t.Helper()
	state, _, err := handshake(t, server, client)
	if err != nil {
		t.Fatal(err)
	}
	return state.PeerCertificates[0].Subject.CommonName
}

func TestTheCertificateIsRenewed(t *testing.T) {
	a, clock, lines, f := newAuthority(t), newClock(), new(log), newFiles(t)
	f.write(t, a.issue(t, "first"))
	server := access.ServerTLS(open(t, f, clock, lines), nil, false)
	shows := func(want string) {
		t.Helper()
		if got := nameShown(t, server, client(a)); got != want {
			t.Errorf("the server shows %s, want %s\n%s", got, want, lines)
		}
	}
	shows("first")
	f.write(t, a.issue(t, "second one")) // another size, whatever the clock of the file system is worth
	shows("first")                       // the files are looked at once a second
	clock.advance(time.Second)
	shows("second one")

	if err := os.WriteFile(f.cert, []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		clock.advance(time.Second)
		shows("second one")
	}
	if err := os.Remove(f.key); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		clock.advance(time.Second)
		shows("second one")
	}
	if got := strings.Count(lines.String(), "the old content stays"); got != 2 {
		t.Errorf("%d complaints about two changes:\n%s", got, lines)
	}
	f.write(t, a.issue(t, "the third"))
	clock.advance(time.Second)
	shows("the third")
}

// TestAPipeIsNoCertificate: it would be waited for, and nobody could connect any more.
func TestAPipeIsNoCertificate(t *testing.T) {
	a, clock, lines, f := newAuthority(t), newClock(), new(log), newFiles(t)
	f.write(t, a.issue(t, "first"))
	server := access.ServerTLS(open(t, f, clock, lines), nil, false)
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(pipe, f.cert); err != nil {
		t.Fatal(err)
	}
	clock.advance(time.Second)
	if got := nameShown(t, server, client(a)); got != "first" || !strings.Contains(lines.String(), f.cert+" is not a regular file") {
		t.Errorf("the server shows %s\n%s", got, lines)
	}
	if _, err := access.OpenCertificate(f.cert, f.key, clock.Now, lines.logger()); err == nil || !strings.Contains(err.Error(), "TLS: ") {
		t.Errorf("opened: %v", err)
	}
}

// TestHalfARenewal: the certificate is there before its key.
func TestHalfARenewal(t *testing.T) {
	a, clock, lines, f, half := newAuthority(t), newClock(), new(log), newFiles(t), newFiles(t)
	f.write(t, a.issue(t, "first"))
	server := access.ServerTLS(open(t, f, clock, lines), nil, false)
	half.write(t, a.issue(t, "second one"))
	for i, step := range []struct{ from, to, want string }{{half.cert, f.cert, "first"}, {half.key, f.key, "second one"}} {
		if err := os.Rename(step.from, step.to); err != nil {
			t.Fatal(err)
		}
		later := newClock().Now().Add(time.Duration(i) * time.Minute) // a key of the same kind has the same size
		if err := os.Chtimes(step.to, later, later); err != nil {
			t.Fatal(err)
		}
		clock.advance(time.Second)
		if got := nameShown(t, server, client(a)); got != step.want {
			t.Errorf("after %s the server shows %s, want %s", step.to, got, step.want)
		}
	}
}

// TestFilesThatCannotBeReadYet: a key that was put there for root is given to the service a moment later, which changes neither its size nor
// its time. Root may read everything, so that here the same is done by other means.
func TestFilesThatCannotBeReadYet(t *testing.T) {
	a, clock, lines, f, next := newAuthority(t), newClock(), new(log), newFiles(t), newFiles(t)
	f.write(t, a.issue(t, "first"))
	server := access.ServerTLS(open(t, f, clock, lines), nil, false)
	next.write(t, a.issue(t, "second one"))
	key, err := os.ReadFile(next.key)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(next.cert, f.cert); err != nil {
		t.Fatal(err)
	}
	at := newClock().Now()
	for _, step := range []struct{ content, want string }{{strings.Repeat("?", len(key)), "first"}, {string(key), "second one"}} {
		if err := errors.Join(os.WriteFile(f.key, []byte(step.content), 0o600), os.Chtimes(f.key, at, at)); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			clock.advance(time.Second)
			if got := nameShown(t, server, client(a)); got != step.want {
				t.Errorf("the server shows %s, want %s\n%s", got, step.want, lines)
			}
		}
	}
	if got := strings.Count(lines.String(), "the old content stays"); got != 1 {
		t.Errorf("%d complaints about one change:\n%s", got, lines)
	}
}

func TestCertificatesThatAreNone(t *testing.T) {
	a, f, other := newAuthority(t), newFiles(t), newFiles(t)
	f.write(t, a.issue(t, "first"))
	other.write(t, a.issue(t, "other"))
	for _, test := range []files{{f.cert, filepath.Join(t.TempDir(), "none")}, {f.key, f.key}, {f.cert, other.key}} {
		if _, err := access.OpenCertificate(test.cert, test.key, newClock().Now, new(log).logger()); err == nil || !strings.Contains(err.Error(), "TLS") {
			t.Errorf("%v: %v", test, err)
		}
	}
	writePEM(t, other.cert, "CERTIFICATE", []byte("no certificate"))
	for what, path := range map[string]string{"a key": f.key, "no file": filepath.Join(t.TempDir(), "none"), "PEM of something": other.cert} {
		if _, err := access.OpenAuthorities(path, newClock().Now, new(log).logger()); err == nil || !strings.Contains(err.Error(), "TLS") {
			t.Errorf("%s counts as an authority: %v", what, err)
		}
	}
}

func TestVersionsOfTLS(t *testing.T) {
	a, f := newAuthority(t), newFiles(t)
	f.write(t, a.issue(t, "server"))
	server := access.ServerTLS(open(t, f, newClock(), new(log)), nil, false)
	for version, good := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		config := client(a)
		config.MinVersion, config.MaxVersion = version, version
		if _, _, err := handshake(t, server, config); (err == nil) != good {
			t.Errorf("%s: %v", tls.VersionName(version), err)
		}
	}
}

func TestMutualTLS(t *testing.T) {
	a, stranger, f, authorities := newAuthority(t), newAuthority(t), newFiles(t), newFiles(t)
	f.write(t, a.issue(t, "server"))
	writePEM(t, authorities.cert, "CERTIFICATE", a.certificate.Raw)
	trusted := openAuthorities(t, authorities.cert, newClock(), new(log))
	certificate := open(t, f, newClock(), new(log))
	for _, test := range []struct {
		what     string
		required bool
		client   *tls.Config
		good     bool
	}{
		{"its own", true, client(a, a.issue(t, "ward")), true},
		{"its own", false, client(a, a.issue(t, "ward")), true},
		{"none", true, client(a), false},
		{"none", false, client(a), true},
		{"a stranger's", true, showing(client(a), stranger.issue(t, "ward")), false},
		{"a stranger's", false, showing(client(a), stranger.issue(t, "ward")), false},
	} {
		_, serverError, _ := handshake(t, access.ServerTLS(certificate, trusted, test.required), test.client)
		if (serverError == nil) != test.good {
			t.Errorf("%s, required %t: %v", test.what, test.required, serverError)
		}
	}
}

// TestAnAuthorityIsReplaced while the service runs: its clients are refused from then on, those that shook hands before
// and would resume that, and those whose connections stand; clients of the new one are let in.
func TestAnAuthorityIsReplaced(t *testing.T) {
	a, gone, come := newAuthority(t), newAuthority(t), newAuthority(t)
	clock, lines, f, file := newClock(), new(log), newFiles(t), newFiles(t)
	f.write(t, a.issue(t, "server"))
	writePEM(t, file.cert, "CERTIFICATE", gone.certificate.Raw)
	authorities := openAuthorities(t, file.cert, clock, lines)
	server := access.ServerTLS(open(t, f, clock, lines), authorities, true)
	guard := access.Guard{Certificates: []sepsis.Role{sepsis.PredictRole}, Authorities: authorities, Clock: clock.Now}
	gonesLeaf, comesLeaf := gone.issue(t, "gone"), come.issue(t, "come")
	gonesClient := showing(client(a), gonesLeaf)
	gonesClient.ClientSessionCache = tls.NewLRUClientSessionCache(1)
	comesClient := showing(client(a), comesLeaf)
	check := func(when string, goneIsGood bool) {
		t.Helper()
		for _, test := range []struct {
			name   string
			client *tls.Config
			chain  []*x509.Certificate
			good   bool
		}{
			{"gone", gonesClient, []*x509.Certificate{gonesLeaf.Leaf, gone.certificate}, goneIsGood},
			{"come", comesClient, []*x509.Certificate{comesLeaf.Leaf, come.certificate}, !goneIsGood},
		} {
			if _, err, _ := handshake(t, server, test.client); (err == nil) != test.good {
				t.Errorf("%s: the handshake of %s: %v\n%s", when, test.name, err, lines)
			}
			standing := request()
			standing.TLS = &tls.ConnectionState{VerifiedChains: [][]*x509.Certificate{test.chain}}
			if _, err := guard.Authenticate(standing); (err == nil) != test.good {
				t.Errorf("%s: a request on the connection of %s: %v", when, test.name, err)
			}
		}
	}
	check("at first", true)
	writePEM(t, file.cert, "CERTIFICATE", come.certificate.Raw)
	later := clock.Now().Add(time.Minute) // the size may be the same
	if err := os.Chtimes(file.cert, later, later); err != nil {
		t.Fatal(err)
	}
	check("before the next look", true)
	clock.advance(time.Second)
	check("replaced", false)
	if err := os.WriteFile(file.cert, []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	clock.advance(time.Second)
	check("broken", false)
	if !strings.Contains(lines.String(), "the old content stays") {
		t.Errorf("log %s", lines)
	}
}

func openAuthorities(t *testing.T, path string, clock *clock, lines *log) *access.Authorities {
	t.Helper()
	authorities, err := access.OpenAuthorities(path, clock.Now, lines.logger())
	if err != nil {
		t.Fatal(err)
	}
	return authorities
}

// showing makes a client show a certificate though the server did not ask for one of that authority.
func showing(config *tls.Config, certificate tls.Certificate) *tls.Config {
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &certificate, nil }
	return config
}
