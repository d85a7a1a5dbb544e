//go:build unix

package embedded

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func rootOnly(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root has another account to choose")
	}
}

func TestRootIsToldOfAClosedDirectory(t *testing.T) {
	t.Parallel()
	rootOnly(t)
	closed := filepath.Join(openDir(t), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := PostgreSQL(t.Context(), Config{Dir: filepath.Join(closed, "data"), Fast: true})
	if err == nil || !strings.Contains(err.Error(), "may not enter "+closed+": set DATA_DIR") {
		t.Errorf("error = %v", err)
	}
}

func TestRootServesTheClusterOfAnotherUser(t *testing.T) {
	t.Parallel()
	rootOnly(t)
	dir := openDir(t)
	postgres := start(t, Config{Dir: dir})
	stop(t, postgres)
	const stranger = 65534
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		return os.Lchown(path, stranger, stranger)
	})
	if err != nil {
		t.Fatal(err)
	}
	again := start(t, Config{Dir: dir})
	if again.account.uid != stranger {
		t.Errorf("runs as %d, want %d", again.account.uid, stranger)
	}
	run(t, connect(t, again), "SELECT 1")
}

// The tests of this package pass for an ordinary user too: some of them run again as nobody.
func TestAsAnOrdinaryUser(t *testing.T) {
	t.Parallel()
	rootOnly(t)
	binary := filepath.Join(openDir(t), "embedded.test") // the go command keeps its own copy where only root looks
	copyFile(t, os.Args[0], binary)

	const some = "^(TestContentsSurviveStopAndStart|TestRestartAtOnceAfterKill|TestMissingBinaries|TestFetchedBinariesServe)$"
	cmd := exec.CommandContext(t.Context(), binary, "-test.run="+some, "-test.v")
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), "HOME=/nonexistent")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	output, err := cmd.CombinedOutput()
	if err != nil || bytes.Count(output, []byte("--- PASS")) != 4 {
		t.Errorf("%v\n%s", err, output)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	source, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(target, source); err != nil {
		t.Fatal(err)
	}
	if err := target.Close(); err != nil {
		t.Fatal(err)
	}
}
