package chaos

import (
	"os/exec"
	"syscall"
)

// dieWithParent has the kernel end a command when the test is killed.
func dieWithParent(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
