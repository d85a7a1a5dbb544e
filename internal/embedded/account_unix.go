//go:build unix

package embedded

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is whom the server runs as: PostgreSQL refuses root. Everybody else runs it as themselves.
type account struct {
	name     string
	uid, gid int
	other    bool // not the account of this process
}

// serverAccount picks, for root, the owner of the cluster if it is there already,
// then "postgres", then "nobody".
func serverAccount(data string) (account, error) {
	if os.Geteuid() != 0 {
		return account{name: "the current user", uid: os.Geteuid(), gid: os.Getegid()}, nil
	}
	if info, err := os.Stat(data); err == nil {
		if stat := info.Sys().(*syscall.Stat_t); stat.Uid != 0 {
			return account{
				name: "user " + strconv.Itoa(int(stat.Uid)),
				uid:  int(stat.Uid), gid: int(stat.Gid), other: true,
			}, nil
		}
	}
	for _, candidate := range []string{"postgres", "nobody"} {
		if found, err := user.Lookup(candidate); err == nil {
			uid, uidErr := strconv.Atoi(found.Uid)
			gid, gidErr := strconv.Atoi(found.Gid)
			return account{name: "user " + candidate, uid: uid, gid: gid, other: true}, errors.Join(uidErr, gidErr)
		}
	}
	return account{}, errors.New("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody: " +
		"start as an ordinary user, or set DATABASE_URL")
}

// apply makes the command run under the account, and apart from the terminal's process group:
// Ctrl-C is for this process, which stops the server when its own work is done.
func (a account) apply(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if a.other {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
}

func (a account) own(path string) error {
	if !a.other {
		return nil
	}
	return os.Lchown(path, a.uid, a.gid)
}

// mayEnter finds out by trying: permissions may come from more than the mode bits.
func (a account) mayEnter(dir string, program string) error {
	if !a.other {
		return nil
	}
	cmd := exec.Command(program, "--version")
	cmd.Dir = dir
	a.apply(cmd)
	err := cmd.Run()
	if !errors.Is(err, syscall.EACCES) {
		return err
	}
	return fmt.Errorf("as root the server runs as %s, who may not enter %s: "+
		"set DATA_DIR to a directory outside it, such as /var/lib/vetalyze, or start as an ordinary user",
		a.name, a.closed(dir))
}

// closed is the outermost directory on the way to dir that the account cannot pass.
func (a account) closed(dir string) string {
	parent := filepath.Dir(dir)
	if parent != dir {
		if found := a.closed(parent); found != "" {
			return found
		}
	}
	info, err := os.Stat(dir)
	if err != nil {
		return ""
	}
	stat := info.Sys().(*syscall.Stat_t)
	pass := os.FileMode(0o001)
	switch {
	case int(stat.Uid) == a.uid:
		pass = 0o100
	case int(stat.Gid) == a.gid:
		pass = 0o010
	}
	if info.Mode()&pass == 0 {
		return dir
	}
	return ""
}
