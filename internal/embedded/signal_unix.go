//go:build unix

package embedded

import "syscall"

// shutdown is a way to end a server, after the names PostgreSQL gives them.
type shutdown syscall.Signal

const (
	fast      = shutdown(syscall.SIGINT)
	immediate = shutdown(syscall.SIGQUIT)
	kill      = shutdown(syscall.SIGKILL)
)

func signal(pid int, how shutdown, _ binaries) error {
	return syscall.Kill(pid, syscall.Signal(how))
}
