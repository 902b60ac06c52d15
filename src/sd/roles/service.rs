//! Role `service`, and the labels of Services in the roles of endpoints.

use super::super::label::{Meta, Set, Writer};
use super::super::release::Release;
use super::join_host_port;
use crate::kubernetes::snapshot::{Service, ServicePort};

pub(super) fn write_group(service: &Service, writer: &mut Writer<'_>) {
    writer.set(Meta::Namespace, &service.meta.namespace);
    writer.set(Meta::ServiceName, &service.meta.name);
    writer.pairs(Set::ServiceLabels, &service.meta.labels);
    writer.pairs(Set::ServiceAnnotations, &service.meta.annotations);
}

pub(super) fn write_target(
    release: &Release,
    service: &Service,
    port: &ServicePort,
    writer: &mut Writer<'_>,
) {
    let number = writer.number(port.number);
    let host = || format!("{}.{}.svc", service.meta.name, service.meta.namespace);
    writer.set_with(Meta::Address, || join_host_port(&host(), &number));
    writer.set(Meta::ServicePortName, &port.name);
    if release.images {
        writer.set(Meta::ServicePortNumber, &number);
    }
    writer.set(Meta::ServicePortProtocol, &port.protocol);
    writer.set(Meta::ServiceType, &service.kind);
    if &*service.kind == "ExternalName" {
        writer.set(Meta::ServiceExternalName, &service.external_name);
    } else {
        writer.set(Meta::ServiceClusterIp, &service.cluster_ip);
    }
    if &*service.kind == "LoadBalancer" && release.load_balancers {
        writer.set(Meta::ServiceLoadBalancerIp, &service.load_balancer_ip);
    }
}
