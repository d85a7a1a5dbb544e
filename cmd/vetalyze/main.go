// Command vetalyze is the whole of Vetalyze in one binary: the bot, its database's
// migrations, and a demo that needs nothing else.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // clinics live in their own time zones, whatever the machine knows

	"github.com/alecthomas/kong"
)

// version is set by the release build.
var version = "dev"

// commands is the command line.
type commands struct {
	Demo      demo      `cmd:"" help:"Try everything on one page: embedded database, simulated Telegram, demo clinics."`
	Serve     serve     `cmd:"" help:"Run the bot."`
	Migrate   migrate   `cmd:"" help:"Bring the database up to date. Serve does so by itself when it starts."`
	AdminLink adminLink `cmd:"" help:"Print a one-time link that makes whoever opens it a platform admin."`
	Health    health    `cmd:"" help:"Ask the bot that runs here whether it is well; for health checks."`
	Load      fill      `cmd:"" help:"Fill an empty database with made-up clinics, for measuring at full size."`

	Version kong.VersionFlag `help:"Print the version."`
}

func main() { os.Exit(run(os.Args[1:])) }

// run is main with its arguments and exit code in the open.
func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var cli commands
	parser, err := newParser(ctx, &cli)
	if err != nil {
		fmt.Fprintf(os.Stderr, "vetalyze: %v\n", err)
		return 1
	}
	command, err := parser.Parse(args)
	if err != nil {
		parser.FatalIfErrorf(err)
	}
	if err := command.Run(); err != nil {
		fmt.Fprintf(os.Stderr, "vetalyze: %v\n", err)
		return 1
	}
	return 0
}

func newParser(ctx context.Context, cli *commands) (*kong.Kong, error) {
	return kong.New(cli,
		kong.Name("vetalyze"),
		kong.Description("The front desk of veterinary clinics, on Telegram. Every setting is also an environment variable."),
		kong.Vars{"version": version},
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
}
