module promwire.dev/regex-oracle

go 1.26.0
