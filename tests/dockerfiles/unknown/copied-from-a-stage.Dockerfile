FROM acme/tools AS tools
FROM debian:12
ENV PATH=/opt/tool/bin:$PATH
COPY --from=tools /etc/profile.d/ /etc/profile.d/
