package chaos

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// A disk is where PostgreSQL keeps everything.
type disk struct {
	dir    string
	reason string // why it cannot be filled; empty: it can
}

// diskPrefix begins the names of disks; the id of the process that made them follows.
const diskPrefix = "vetalyze-disk-"

// diskSize is enough for a run, and little enough to be in memory.
const diskSize = "600m"

// newDisk is a small disk in memory, where the test may make one; else a directory.
func newDisk(t *testing.T, small bool) *disk {
	t.Helper()
	// Not t.TempDir: as root the server runs as another user, who could not enter it.
	dir, err := os.MkdirTemp("", fmt.Sprintf("%s%d-", diskPrefix, os.Getpid()))
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	must(t, os.Chmod(dir, 0o711))
	d := &disk{dir: dir, reason: "only in the long version"}
	if !small {
		return d
	}
	if err := mountMemory(dir, diskSize); err != nil {
		d.reason = "no small disk can be made here: " + err.Error()
		return d
	}
	t.Cleanup(func() {
		if err := unmount(dir); err != nil {
			t.Errorf("%s stays mounted: %v", dir, err)
		}
	})
	d.reason = ""
	return d
}

// fill leaves no byte free; what it returns is to be removed again.
func (d *disk) fill() (ballast string, err error) {
	file, err := os.Create(filepath.Join(d.dir, "ballast"))
	if err != nil {
		return "", err
	}
	defer file.Close()
	for piece := make([]byte, 1<<20); len(piece) > 0; {
		n, err := file.Write(piece)
		if n == 0 || err != nil {
			piece = piece[:len(piece)/16]
		}
		if err != nil && !isFull(err) && !errors.Is(err, io.ErrShortWrite) {
			return file.Name(), err
		}
	}
	return file.Name(), nil
}
