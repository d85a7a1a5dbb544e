package embedded

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

func TestKilledParentLeavesNoServer(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	cmd, pid := parent(t, dir)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if !gone(t.Context(), pid, filepath.Join(dir, "data"), 20*time.Second) {
		t.Errorf("the server (pid %d) outlives its parent", pid)
	}
}

func TestRestartAtOnceAfterKill(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	first := start(t, Config{Dir: dir})
	run(t, connect(t, first), "CREATE TABLE kept ()")
	stop(t, first)
	for range 3 {
		cmd, _ := parent(t, dir)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		postgres := start(t, Config{Dir: dir})
		run(t, connect(t, postgres), "SELECT FROM kept")
		stop(t, postgres)
	}
}

// Where the kernel does not tell the server of its parent's death, the next start must stop it.
func TestServerLeftBehindIsStopped(t *testing.T) {
	t.Parallel()
	postgres := start(t, Config{Dir: openDir(t)})
	stop(t, postgres)

	left := postgres.command()
	left.SysProcAttr.Pdeathsig = 0
	if err := left.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- left.Wait() }()
	wait(t, "the pid file", func() bool { return recordedPID(postgres.home.data()) == left.Process.Pid })

	if err := postgres.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		t.Error("the server left behind still runs")
	}
	run(t, connect(t, postgres), "SELECT 1")
}

// A container starts with the same few process numbers each time: the one in the file may be anybody's.
func TestPidFileOfAnotherProgramIsForgotten(t *testing.T) {
	t.Parallel()
	postgres := start(t, Config{Dir: openDir(t)})
	stop(t, postgres)

	other := exec.Command("cat")
	postgres.account.apply(other)
	input, err := other.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	pidText := fmt.Sprintf("%d\n%s\n1\n5432\n", other.Process.Pid, postgres.home.data())
	if err := postgres.account.writeFile(pidFile(postgres.home.data()), pidText); err != nil {
		t.Fatal(err)
	}
	if err := postgres.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	_ = input.Close()
	if err := other.Wait(); err != nil {
		t.Errorf("the other program was harmed: %v", err)
	}
}

func TestSweepTakesOnlyWhatIsAbandoned(t *testing.T) {
	t.Parallel()
	parent := openDir(t)
	old := time.Now().Add(-time.Hour)
	make := func(name string, locked bool, changed time.Time) string {
		h := home{dir: filepath.Join(parent, temporaryPrefix+name)}
		if err := os.MkdirAll(h.data(), 0o700); err != nil {
			t.Fatal(err)
		}
		lock, err := h.lock()
		if err != nil {
			t.Fatal(err)
		}
		if locked {
			t.Cleanup(func() { _ = lock.Close() })
		} else {
			_ = lock.Close()
		}
		if err := os.Chtimes(h.dir, changed, changed); err != nil {
			t.Fatal(err)
		}
		return h.dir
	}
	abandoned := make("abandoned", false, old)
	young := make("young", false, time.Now())
	inUse := make("in-use", true, old)

	sweep(t.Context(), parent)
	if _, err := os.Stat(abandoned); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", abandoned, err)
	}
	for _, dir := range []string{young, inUse} {
		if _, err := os.Stat(dir); err != nil {
			t.Error(err)
		}
	}
}

func wait(t *testing.T, what string, done func() bool) {
	t.Helper()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	limit := time.After(20 * time.Second)
	for !done() {
		select {
		case <-look.C:
		case <-limit:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
