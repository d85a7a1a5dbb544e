//go:build race

package chaos

// raceDetector tells whether the test, and so the program, watches for races.
const raceDetector = true
