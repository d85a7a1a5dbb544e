package embedded

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// socketPathLimit is what macOS allows for a socket's path; Linux allows four more.
const socketPathLimit = 103

// endpoint is where the server listens. A Unix socket in a directory that only the server's
// account (and root) can enter needs no password; loopback, which every user of the machine
// can reach, does.
type endpoint struct {
	socketDir string // empty: loopback
	port      int
	password  string
}

func newEndpoint(h home, loopback bool) (endpoint, error) {
	const port = 5432 // on a socket only a part of its file name
	socket := filepath.Join(h.run(), fmt.Sprintf(".s.PGSQL.%d", port))
	named := len(socket) <= socketPathLimit && !strings.Contains(socket, ",") // clients take a comma for a list of hosts
	if named && !loopback && runtime.GOOS != "windows" {
		return endpoint{socketDir: h.run(), port: port}, nil
	}
	free, err := freePort()
	return endpoint{port: free}, err
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// prepare writes what the server reads about its connections. It is done on every start,
// so that a directory may move to where its socket's path is too long, or back.
func (e *endpoint) prepare(h home, owner account) error {
	if err := owner.makeDir(h.run()); err != nil {
		return err
	}
	password, err := os.ReadFile(h.password())
	if err != nil {
		return fmt.Errorf("read the superuser's password: %w", err)
	}
	rule := "local all all trust\nlocal replication all trust\n"
	if e.socketDir == "" {
		rule = "host all all 127.0.0.1/32 scram-sha-256\nhost replication all 127.0.0.1/32 scram-sha-256\n"
		e.password = strings.TrimSpace(string(password))
	}
	return owner.writeFile(h.hba(), rule)
}

func (e *endpoint) settings(h home) []string {
	settings := []string{"hba_file=" + h.hba(), "port=" + strconv.Itoa(e.port)}
	if e.socketDir == "" {
		return append(settings, "listen_addresses=127.0.0.1", "unix_socket_directories=")
	}
	// The directory's name is quoted: the setting is a list, split at commas.
	dir := `"` + strings.ReplaceAll(e.socketDir, `"`, `""`) + `"`
	return append(settings, "listen_addresses=", "unix_socket_directories="+dir)
}

func (e *endpoint) url(database string) string {
	u := url.URL{Scheme: "postgres", Path: "/" + database}
	query := url.Values{}
	if e.socketDir == "" {
		u.User = url.UserPassword(name, e.password)
		u.Host = net.JoinHostPort("127.0.0.1", strconv.Itoa(e.port))
		query.Set("sslmode", "disable")
	} else {
		u.User = url.User(name)
		query.Set("host", e.socketDir)
		query.Set("port", strconv.Itoa(e.port))
	}
	u.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20") // PostgreSQL's clients take a plus for a plus
	return u.String()
}

// makePassword gives the cluster its password once; initdb reads it from the file.
func makePassword(h home, owner account) error {
	if _, err := os.Stat(h.password()); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return owner.writeFile(h.password(), rand.Text()+"\n")
}
