package chaos

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// mountMemory puts a small disk in memory at dir: only root may.
func mountMemory(dir, size string) error {
	sweepDisks()
	return syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_NOSUID|syscall.MS_NODEV, "mode=0711,size="+size)
}

// sweepDisks takes away what runs that were killed have left.
func sweepDisks() {
	left, _ := filepath.Glob(filepath.Join(os.TempDir(), diskPrefix+"*")) // the pattern is a good one
	for _, dir := range left {
		pid, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), diskPrefix), "-")
		if _, err := os.Stat("/proc/" + pid); errors.Is(err, fs.ErrNotExist) {
			_ = unmount(dir) // it may be none
			_ = os.RemoveAll(dir)
		}
	}
}

func unmount(dir string) error { return syscall.Unmount(dir, syscall.MNT_DETACH) }

func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) }
