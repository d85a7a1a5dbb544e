package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Running returns the URL of the server that another process runs in dir, for commands that work beside it;
// ok is false if there is none.
func Running(_ context.Context, dir string) (url string, ok bool, err error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", false, err
	}
	if abs, err = filepath.EvalSymlinks(abs); errors.Is(err, fs.ErrNotExist) {
		return "", false, nil
	} else if err != nil {
		return "", false, err
	}
	h := home{dir: abs}
	lock, err := lockFile(filepath.Join(h.dir, "lock"), 0)
	switch {
	case errors.Is(err, errLocked):
	case errors.Is(err, fs.ErrNotExist):
		return "", false, nil
	case err != nil:
		return "", false, err
	default:
		return "", false, lock.Close()
	}
	e, err := h.listening()
	if err != nil {
		return "", false, fmt.Errorf("embedded PostgreSQL in %s: %w", h.dir, err)
	}
	return e.url(name), true, nil
}

// listening reads from postmaster.pid where the server listens: its fourth line is the port, its fifth the
// directory of the socket, empty when there is none.
func (h home) listening() (endpoint, error) {
	text, err := os.ReadFile(pidFile(h.data()))
	if err != nil {
		return endpoint{}, err
	}
	lines := strings.Split(string(text), "\n")
	if len(lines) < 5 {
		return endpoint{}, errors.New("the server is still starting: try again")
	}
	port, err := strconv.Atoi(strings.TrimSpace(lines[3]))
	if err != nil {
		return endpoint{}, fmt.Errorf("read postmaster.pid: %w", err)
	}
	if socketDir := strings.TrimSpace(lines[4]); socketDir != "" {
		return endpoint{socketDir: socketDir, port: port}, nil
	}
	password, err := os.ReadFile(h.password())
	return endpoint{port: port, password: strings.TrimSpace(string(password))}, err
}
