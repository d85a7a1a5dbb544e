// Package machine names the one that something was measured on, for the tables that benchmarks and long tests print.
package machine

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// Name returns the processor where the system tells, else the system's kind; Go's version, and how many processors there are.
func Name() string {
	return fmt.Sprintf("%s, %s, %d processors", processor(), runtime.Version(), runtime.NumCPU())
}

func processor() string {
	told, err := os.ReadFile("/proc/cpuinfo")
	if err == nil {
		for line := range strings.Lines(string(told)) {
			if name, ok := strings.CutPrefix(line, "model name"); ok {
				return strings.TrimSpace(strings.TrimLeft(name, "\t :"))
			}
		}
	}
	return runtime.GOOS + "/" + runtime.GOARCH
}
