# escape=`
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command"]
ENV TOOL=C:\tool `
    PATH="C:\tool;C:\Windows\System32"
RUN dir C:\
