module promwire.dev/pki-oracle

go 1.26.0
