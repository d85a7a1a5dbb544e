package embedded

import (
	"os/exec"
	"syscall"
)

// dieWithParent has the kernel ask the command for a fast shutdown when this process is killed or leaves
// without a word. The kernel means the thread that starts the command: it must be locked until the end.
func dieWithParent(cmd *exec.Cmd) { cmd.SysProcAttr.Pdeathsig = syscall.SIGINT }
