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
	"time"
)

const temporaryPrefix = "vetalyze-pg-"

var errLocked = errors.New("locked by another process")

// home is the directory of one cluster:
//
//	lock      held by the process whose server this is
//	data/     the cluster; owned by the account the server runs under, as is what follows
//	run/      its Unix socket
//	hba.conf  who may connect
//	password  the superuser's, used over TCP
type home struct {
	dir       string
	temporary bool
}

func (h home) data() string     { return filepath.Join(h.dir, "data") }
func (h home) run() string      { return filepath.Join(h.dir, "run") }
func (h home) hba() string      { return filepath.Join(h.dir, "hba.conf") }
func (h home) password() string { return filepath.Join(h.dir, "password") }

func openHome(ctx context.Context, dir string) (home, error) {
	if dir == "" {
		sweep(ctx, os.TempDir())
		return temporaryHome()
	}
	// Other accounts may pass through: as root, the server runs under one of them.
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return home{}, err
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return home{}, err
	}
	// Links are resolved once, so that a running server can be told by its data directory.
	abs, err = filepath.EvalSymlinks(abs)
	return home{dir: abs}, err
}

func temporaryHome() (home, error) {
	dir, err := os.MkdirTemp("", temporaryPrefix)
	if err != nil {
		return home{}, err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return home{}, err
	}
	return home{dir: dir, temporary: true}, os.Chmod(dir, 0o711)
}

// major is the PostgreSQL version that made the cluster, 0 while there is none.
func (h home) major() (int, error) {
	text, err := os.ReadFile(filepath.Join(h.data(), "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}

// lock holds until the file is closed or the process is gone, killed or not.
func (h home) lock() (*os.File, error) {
	file, err := lockFile(filepath.Join(h.dir, "lock"), os.O_CREATE)
	if errors.Is(err, errLocked) {
		return nil, fmt.Errorf("the directory %s is in use by another process", h.dir)
	}
	return file, err
}

func (h home) discard() error {
	if !h.temporary {
		return nil
	}
	return os.RemoveAll(h.dir)
}

// sweep removes temporary clusters whose process was killed before it could do so.
// It is a courtesy: what cannot be removed is left.
func sweep(ctx context.Context, parent string) {
	dirs, _ := filepath.Glob(filepath.Join(parent, temporaryPrefix+"*"))
	for _, dir := range dirs {
		if !abandoned(dir) {
			continue
		}
		lock, err := lockFile(filepath.Join(dir, "lock"), 0)
		if err != nil {
			continue
		}
		if stopOrphan(ctx, filepath.Join(dir, "data"), binaries{}) == nil {
			_ = os.RemoveAll(dir)
		}
		_ = lock.Close()
	}
}

// abandoned rules out what others made, and what is so new that its lock may not be taken yet.
func abandoned(dir string) bool {
	const young = time.Minute
	info, err := os.Lstat(dir)
	return err == nil && info.IsDir() && ownedByUs(info) && time.Since(info.ModTime()) > young
}
