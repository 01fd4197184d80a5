package access

import "time"

// The files of these tests do not hang, however busy the machine is, but for those of TestFilesThatHang.
func init() { patienceOfLooks = time.Minute }
